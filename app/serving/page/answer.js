// Draws one answer: what is said, what it rests on, and how it came about.

import { build, citing } from "./blocks.js";
import { element, icon } from "./dom.js";
import { asText } from "./export.js";
import { actions } from "./opinion.js";
import { Progress, inWords, seconds } from "./progress.js";
import { nearest, others, passages, place, sources } from "./sources.js";
import { open } from "./source.js";

const OUTCOMES = {
  stopped: "Stopped.",
  failed: "The answer failed inside the assistant.",
  unfinished: "This answer was never finished: the server stopped meanwhile.",
};

export class Answer {
  // `asked` is {question, thread, run, arm, again, edit}: what the answer is about, and what to do next.
  constructor(asked) {
    this.asked = asked;
    this.steps = [];
    this.given = {};
    this.element = element("section", { className: "answer" });
    if (asked.arm) this.element.append(element("p", { className: "arm", textContent: asked.arm }));
    this.inside = element("div");
    this.element.append(this.inside);
    this.wait();
  }

  // Shows that it is awaited, from the beginning.
  wait() {
    this.progress?.end();
    this.progress = new Progress();
    this.draft = element("p", { className: "said draft", dir: "auto" });
    this.steps = [];
    this.outcome = ""; // what became of it where there is no answer
    this.element.className = "answer";
    this.element.setAttribute("aria-busy", "true");
    this.inside.replaceChildren(this.progress.element);
  }

  // Takes in an event of the server; says whether it was the last.
  show(event) {
    if (event.event === "run") this.run = event.run;
    else if (event.event === "start") this.steps.push({ node: event.node, at_ms: event.at_ms });
    else if (event.event === "end" && this.steps.length) this.steps.at(-1).end_ms = event.at_ms;
    else if (event.event === "token") this.#token(event.text);
    else if (event.event === "held") this.held();
    else if (event.event === "error") this.failed(event.message);
    else if (event.event === "answer") this.finish({ ...event, text: event.answer }, { documents: event.documents });
    if (event.kept === false) this.#note("This could not be kept: copy what you need of it.");
    this.progress?.show(event);
    return ["held", "error", "answer"].includes(event.event);
  }

  // What there is to take along; nothing while it is on its way.
  get text() {
    return this.said ? asText(this.said) : this.outcome;
  }

  // The draft is replaced by the checked answer; `given` says how it came about.
  finish(said, given = {}) {
    this.#end();
    this.said = said;
    this.given = given;
    this.steps = given.steps ?? this.steps;
    const documents = given.documents ?? [];
    const cite = (number) => said.citations[number - 1] && marker(number, said.citations[number - 1]);
    const text = element("div", { className: "said" }, ...build(said.blocks, citing(cite)));
    this.inside.replaceChildren(text);
    this.element.classList.toggle("refused", said.abstained);
    if (said.parts?.length === 1) this.#note("Read as: “", element("bdi", { textContent: said.parts[0] }), "”");
    if (said.removed && !said.abstained) this.#note(withoutSupport(said.removed));
    if (said.reviewed) this.#note("A person has edited this answer.");
    if (said.citations.length) this.inside.append(sources(said.citations));
    if (said.conflicts?.length) this.inside.append(others(said.conflicts));
    if (said.abstained && documents.length) this.inside.append(nearest(documents));
    this.#foot(documents);
  }

  held() {
    this.#instead("This answer waits until a person has reviewed it.", "held");
  }

  failed(message) {
    this.#instead(message, "failed");
    this.#foot([]);
  }

  // Shows what became of it where there is no answer.
  without(outcome, message) {
    this.failed(message || OUTCOMES[outcome] || OUTCOMES.unfinished);
    if (outcome === "stopped") this.element.classList.replace("failed", "stopped");
  }

  #token(text) {
    if (!this.draft.isConnected) this.inside.append(this.draft);
    this.draft.append(text);
  }

  #note(...text) {
    this.inside.append(element("p", { className: "note" }, ...text));
  }

  #instead(message, kind) {
    this.#end();
    this.outcome = message;
    this.inside.replaceChildren(element("p", { className: "said", dir: "auto", textContent: message }));
    this.element.classList.add(kind);
  }

  #end() {
    this.progress?.end();
    this.progress = null;
    this.element.className = "answer";
    this.element.setAttribute("aria-busy", "false");
  }

  #foot(documents) {
    const spent = this.steps.at(-1)?.end_ms;
    const parts = [spent && seconds(spent), documents.length && count(documents.length)];
    const told = parts.filter(Boolean).join(" · ");
    const foot = element("div", { className: "foot" });
    if (told) {
      const route = element("div", { className: "route", hidden: true }, stepsOf(this.steps), passages(documents));
      const summary = element("button", { type: "button", className: "quiet", textContent: told });
      summary.append(icon("chevron"));
      summary.setAttribute("aria-expanded", "false");
      summary.addEventListener("click", () => {
        route.hidden = !route.hidden;
        summary.setAttribute("aria-expanded", String(!route.hidden));
      });
      foot.append(summary);
      this.inside.append(foot, route);
    } else {
      this.inside.append(foot);
    }
    actions(this, foot);
  }
}

function marker(number, citation) {
  const button = element("button", { className: "cite", textContent: number, type: "button" });
  button.title = `${place(citation)}: “${citation.quote}”`;
  button.setAttribute("aria-label", `Source ${number}: ${place(citation)}`);
  button.addEventListener("click", () => open(citation.document, citation, button));
  return button;
}

function stepsOf(steps) {
  const rows = steps.map(({ node, at_ms, end_ms }) => {
    const spent = end_ms === undefined ? "not finished" : seconds(end_ms - at_ms);
    return element("li", {}, inWords(node), element("span", { className: "dim", textContent: spent }));
  });
  const list = element("ol", { className: "steps" }, ...rows);
  list.setAttribute("aria-label", "Route taken");
  return list;
}

function count(of) {
  return of === 1 ? "1 passage" : `${of} passages`;
}

function withoutSupport(of) {
  return of === 1
    ? "One sentence has no support in the documents."
    : `${of} sentences have no support in the documents.`;
}
