// Draws what an answer rests on: cited sentences, passages read, and the nearest of them.

import { element, icon } from "./dom.js";
import { open, openPassage } from "./source.js";

const SHOWN = 3;
const SNIPPET = 220; // characters

export function place({ document, page }) {
  return page ? `${document}, page ${page}` : document;
}

// The cited sentences under their numbers; more than a few are folded.
export function sources(citations) {
  const rows = citations.map((citation, at) => (
    element("li", { value: at + 1, hidden: at >= SHOWN }, quoted(citation))
  ));
  const list = element("ol", { className: "sources" }, ...rows);
  list.setAttribute("aria-label", "Sources");
  if (rows.length > SHOWN) {
    const folded = rows.length - SHOWN;
    const told = folded === 1 ? "1 more source" : `${folded} more sources`;
    const more = element("button", { type: "button", className: "quiet", textContent: told });
    more.addEventListener("click", () => {
      rows.forEach((row) => { row.hidden = false; });
      more.parentElement.remove();
    });
    list.append(element("li", { className: "more" }, more));
  }
  return list;
}

// What other documents say in an answer's place.
export function others(conflicts) {
  return element("div", { className: "nearest" },
    element("p", { className: "note", textContent: "Another document says otherwise:" }),
    element("ul", { className: "sources" }, ...conflicts.map((conflict) => element("li", {}, quoted(conflict)))));
}

// What a refusal offers instead of an answer.
export function nearest(documents) {
  const rows = documents.slice(0, SHOWN).map((passage) => {
    const text = element("span", { className: "snippet", dir: "auto", textContent: snippet(passage.text) });
    const where = element("span", { className: "where" }, icon("file"), passage.document);
    const button = element("button", { type: "button", className: "source" }, text, where);
    button.addEventListener("click", () => openPassage(passage, button));
    return element("li", {}, button);
  });
  return element("div", { className: "nearest" },
    element("p", { className: "dim", textContent: "Nearest in your documents:" }),
    element("ul", { className: "sources" }, ...rows));
}

export function passages(documents) {
  const rows = documents.map((passage) => {
    const grade = passage.grade.toFixed(2);
    const meter = element("meter", { min: 0, max: 1, value: passage.grade, title: `Grade ${grade}` });
    meter.setAttribute("aria-label", `Grade ${grade}`);
    const name = element("button", { textContent: passage.document, type: "button", className: "quiet" });
    name.addEventListener("click", () => openPassage(passage, name));
    return element("li", { className: "passage" }, meter, element("span", { className: "dim", textContent: grade }), name);
  });
  const list = element("ul", { className: "passages" }, ...rows);
  list.setAttribute("aria-label", "Passages read");
  return list;
}

function quoted(citation) {
  const quote = element("q", { dir: "auto", textContent: oneLine(citation.quote) });
  const where = element("span", { className: "where" }, icon("file"), place(citation));
  const button = element("button", { type: "button", className: "source" }, quote, where);
  button.addEventListener("click", () => open(citation.document, citation, button));
  return button;
}

function snippet(text) {
  const line = oneLine(text);
  return line.length > SNIPPET ? `${line.slice(0, SNIPPET).replace(/\s\S*$/, "")} …` : line;
}

function oneLine(text) {
  return text.split(/\s+/).join(" ").trim();
}
