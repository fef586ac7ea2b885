// What stands where nothing was asked yet: what there is, what could be asked, where files go.

import { get } from "./api.js";
import { element, icon } from "./dom.js";

export function welcome(status, onAsk, onFiles) {
  const { documents, suffixes } = status;
  const told = documents
    ? `${documents} ${documents === 1 ? "document is" : "documents are"} here. Every answer shows the sentence that it rests on.`
    : "There are no documents yet. Add some, then ask about them.";
  const examples = element("ul", { className: "examples" });
  const chosen = element("input", { type: "file", multiple: true, accept: suffixes.join() });
  chosen.addEventListener("change", () => onFiles(chosen.files));
  const zone = element("label", { className: "zone" }, icon("upload"),
    element("span", {}, "Drop files here, or choose them"),
    element("small", { className: "dim", textContent: suffixes.join(" ") }), chosen);
  if (documents) offer(examples, onAsk).catch(() => {}); // the page does without
  return element("div", { className: "empty" },
    element("h2", { textContent: documents ? "Ask your documents" : "Add your documents" }),
    element("p", { className: "dim", textContent: told }), examples, zone);
}

async function offer(list, onAsk) {
  const rows = (await get("api/examples")).map((question) => {
    const button = element("button", { type: "button", dir: "auto", textContent: question });
    button.addEventListener("click", () => onAsk(question));
    return element("li", {}, button);
  });
  list.replaceChildren(...rows);
}
