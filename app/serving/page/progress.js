// Says in words what the assistant is doing, and for how long it has.

import { element } from "./dom.js";

const WORDS = {
  answer_halves: "Answering one question after the other",
  route_question: "Reading your question",
  retrieve: "Searching the documents",
  grade_documents: "Reading what was found",
  name_described: "Finding the name of what is described",
  transform_query: "Searching again in other words",
  generate: "Writing the answer",
  verify_citations: "Checking every sentence against its source",
  review: "Asking for a review",
  abstain: "Looking for the nearest passages",
};

export function inWords(node) {
  const plain = node.replaceAll("_", " ");
  return WORDS[node] ?? plain[0].toUpperCase() + plain.slice(1);
}

export function seconds(milliseconds) {
  const of = milliseconds / 1000;
  return of < 0.1 ? "under 0.1 s" : `${of.toFixed(1)} s`;
}

export class Progress {
  constructor() {
    this.words = element("span", { textContent: "Waiting for the assistant" });
    this.words.setAttribute("role", "status");
    this.since = element("span", { className: "since" });
    this.since.setAttribute("aria-hidden", "true");
    this.element = element("p", { className: "progress" }, this.words, this.since);
    this.began = performance.now();
    this.clock = setInterval(() => this.#tick(), 1000);
  }

  // Takes in an event that is neither text nor outcome; one that names a place is of a queue.
  show(event) {
    if (event.event === "start") this.say(inWords(event.node));
    else if (typeof event.place === "number") this.say(inLine(event.place, event.seconds));
    else if (typeof event.message === "string") this.say(event.message);
  }

  say(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  end() {
    clearInterval(this.clock);
    this.element.remove();
  }

  #tick() {
    const passed = Math.round((performance.now() - this.began) / 1000);
    if (passed >= 2) this.since.textContent = `${passed} s`;
  }
}

function inLine(before, wait) {
  if (before < 1) return "Your turn is next";
  const others = before === 1 ? "one question is" : `${before} questions are`;
  const about = wait ? `, about ${Math.ceil(wait)} s` : "";
  return `Waiting: ${others} before yours${about}`;
}
