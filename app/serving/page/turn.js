// Draws one question and its answers.

import { send } from "./api.js";
import { open, openPassage } from "./source.js";

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export class Turn {
  constructor(question) {
    this.answers = element("div", { className: "answers" });
    const asked = element("p", { className: "asked", textContent: question });
    this.element = element("article", { className: "turn" }, asked, this.answers);
  }

  answer(arm = "") {
    const answer = new Answer(arm);
    this.answers.append(answer.element);
    return answer;
  }
}

class Answer {
  constructor(arm) {
    this.said = element("p", { className: "said" });
    this.route = element("ol", { className: "route" });
    this.route.setAttribute("aria-label", "Route taken");
    this.element = element("section", { className: "answer" });
    if (arm) this.element.append(element("p", { className: "arm", textContent: arm }));
    this.element.append(this.said, this.route);
    this.began = 0;
  }

  // Shows an event of the server; the draft is replaced by the checked answer.
  show(event) {
    if (event.event === "queued") this.said.textContent = queued(event);
    if (event.event === "run") this.said.textContent = "";
    if (event.event === "start") this.#start(event);
    if (event.event === "end") this.#end(event);
    if (event.event === "token") {
      this.said.classList.add("draft");
      this.said.append(event.text);
    }
    if (event.event === "held") this.held();
    if (event.event === "error") this.failed(event.message);
  }

  finish({ answer, citations, abstained, removed = 0, documents = [] }) {
    this.said.classList.remove("draft");
    this.said.replaceChildren(...withCitations(answer, citations));
    this.element.classList.toggle("refused", abstained);
    if (removed && !abstained) this.element.append(element("p", { className: "removed", textContent: withoutSupport(removed) }));
    if (documents.length) this.element.append(passages(documents));
  }

  held() {
    this.said.classList.remove("draft");
    this.element.classList.add("refused");
    this.said.textContent = "This answer waits until a person has reviewed it.";
  }

  failed(message) {
    this.said.classList.remove("draft");
    this.element.classList.add("failed");
    this.said.textContent = message;
    this.route.querySelector(".now")?.classList.remove("now");
  }

  opinion(about) {
    this.element.append(opinion(about));
  }

  #start({ node, at_ms }) {
    this.began = at_ms;
    const name = node.replaceAll("_", " ");
    this.route.append(element("li", { className: "now", textContent: name }));
  }

  #end({ at_ms }) {
    const last = this.route.lastElementChild;
    last?.classList.remove("now");
    last?.append(` ${Math.round(at_ms - this.began)} ms`);
  }
}

function queued({ place, seconds }) {
  return `${place === 1 ? "One question is" : `${place} questions are`} before yours: about ${seconds} s.`;
}

function withoutSupport(count) {
  return `${count} ${count === 1 ? "sentence has" : "sentences have"} no support in the documents.`;
}

export function withCitations(text, citations) {
  return text.split(/(\[\d+\])/).map((part) => {
    const number = /^\[(\d+)\]$/.exec(part)?.[1];
    const citation = number && citations[number - 1];
    if (!citation) return part;
    const page = citation.page ? `, page ${citation.page}` : "";
    const button = element("button", { className: "cite", textContent: number, type: "button" });
    button.title = `${citation.document}${page}: “${citation.quote}”`;
    button.setAttribute("aria-label", `Source ${number}: ${citation.document}${page}`);
    button.addEventListener("click", () => open(citation.document, citation, button));
    return button;
  });
}

function passages(documents) {
  const best = Math.max(...documents.map((passage) => passage.grade)).toFixed(2);
  const rows = documents.map((passage) => {
    const meter = element("meter", { min: 0, max: 1, value: passage.grade });
    meter.setAttribute("aria-label", `Grade ${passage.grade.toFixed(2)}`);
    const label = `${passage.grade.toFixed(2)} ${passage.document}`;
    const name = element("button", { textContent: label, type: "button" });
    name.addEventListener("click", () => openPassage(passage, name));
    return element("div", { className: "passage" }, meter, name);
  });
  const title = `${documents.length} passages read, best grade ${best}`;
  return element("details", {}, element("summary", { textContent: title }), ...rows);
}

function opinion(about) {
  const comment = element("input", { placeholder: "What was wrong?", hidden: true, maxLength: 2000 });
  comment.setAttribute("aria-label", "Comment");
  const told = element("span", { className: "dim", role: "status" });
  const thumbs = [["Good answer", 1], ["Bad answer", -1]].map(([label, score]) => {
    const button = element("button", { textContent: label, type: "button" });
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      thumbs.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
      comment.hidden = false;
      keep(score);
    });
    return button;
  });
  async function keep(score) {
    const note = { ...about, score, comment: comment.value };
    await send("api/feedback", note).then(
      () => { told.textContent = "kept"; },
      (error) => { told.textContent = error.message; },
    );
  }
  comment.addEventListener("change", () => {
    keep(thumbs[0].getAttribute("aria-pressed") === "true" ? 1 : -1);
  });
  return element("div", { className: "opinion" }, ...thumbs, comment, told);
}
