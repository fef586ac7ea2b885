// One thread: its turns, the answer on its way, and how both come back after a reload.

import { Failure, Unreachable, events, get, send } from "./api.js";
import { Answer } from "./answer.js";
import { element } from "./dom.js";
import { questions, repetitions } from "./questions.js";

const LONGEST_PAUSE_MS = 10000;
const NEVER_CAME = "The question did not reach the server. Ask again.";

// crypto.randomUUID is there on https and localhost only.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Conversation {
  // `on` is {grew, changed, again, edit}: called when text came, when a state changed, and by buttons.
  constructor(id, on) {
    this.id = id;
    this.beside = uuid(); // the second arm's side of the conversation, unlisted
    this.on = on;
    this.turns = [];
    this.element = element("div", { className: "thread" });
    this.leaving = null; // aborts what is being followed
    this.left = false;
    this.unsent = new Set(); // answers whose questions the server may not have
    this.held = false;
    this.round = 0; // what was loaded or asked last
  }

  get busy() {
    return this.leaving !== null;
  }

  // Whether nothing is followed any more: what is drawn grows old.
  get gone() {
    return this.leaving?.signal.aborted ?? false;
  }

  get title() {
    return this.turns[0]?.question ?? "";
  }

  async load() {
    const mine = ++this.round;
    const told = await get(`api/threads/${this.id}`);
    const others = await Promise.all(told.beside.map((id) => get(`api/threads/${id}`)));
    if (mine !== this.round || this.busy) return;
    this.beside = told.beside.at(-1) ?? this.beside;
    this.held = told.held;
    this.turns = [];
    this.element.replaceChildren();
    const asked = questions(told);
    const besides = others.map((other) => [other, repetitions(asked, questions(other))]);
    const following = asked.flatMap((one) => this.#redraw(told, one, besides));
    if (following.length) this.#during(Promise.all(following.map((answer) => this.#follow(answer))));
    this.on.changed(this);
  }

  async ask(question, { arm, only }) {
    this.round++;
    const turn = this.#turn(question, only);
    const [run, other] = [uuid(), uuid()];
    const answers = [[this.#answer(turn, { arm: arm && "served", run }), { question, only, run }]];
    if (arm) {
      const repeated = { question, only, run: other, arm, beside: this.id, repeats: run };
      answers.push([this.#answer(turn, { arm, thread: this.beside, run: other }), repeated]);
    }
    turn.element.scrollIntoView({ block: "start" });
    await this.#during(Promise.all(answers.map(([answer, body]) => this.#send(answer, body))));
  }

  // A browser opens six connections to a server: streams of threads that nobody looks at would take all.
  leave() {
    this.left = true;
    if (!this.unsent.size) this.leaving?.abort();
  }

  stay() {
    this.left = false;
  }

  // The server goes on answering when its reader leaves.
  async stop() {
    this.stopped = true;
    this.leaving?.abort();
    await Promise.all([this.id, this.beside].map((id) => send(`api/threads/${id}/stop`).catch((error) => {
      if (!(error instanceof Failure)) throw error; // nothing was asked in it
    })));
  }

  // Draws a question with its answers; returns those that are on their way.
  #redraw(told, asked, besides) {
    const turn = this.#turn(asked.question, asked.given?.only);
    const shown = [[this.#answer(turn, { run: asked.run }), asked, told]];
    for (const [other, repeated] of besides) {
      const found = repeated.get(asked);
      if (found) shown.push([this.#answer(turn, { arm: found.given?.arm ?? "other", thread: other.id, run: found.run }), found, other]);
    }
    return shown.filter(([answer, of, at]) => !this.#settled(answer, of, at)).map(([answer]) => answer);
  }

  #turn(question, only = []) {
    const place = element("div", { className: "answers" });
    const asked = element("h2", { className: "asked", dir: "auto", textContent: question });
    const scope = element("p", { className: "scope", hidden: !only.length, textContent: `Only ${only.length === 1 ? only[0] : `${only.length} documents`}` });
    const turn = { question, only, answers: [], place, element: element("article", { className: "turn" }, asked, scope, place) };
    this.turns.push(turn);
    this.element.append(turn.element);
    return turn;
  }

  #answer(turn, { arm = "", thread = this.id, run }) {
    const { question, only } = turn;
    const again = thread === this.id && (() => this.on.again(question, { only, arm: "" }));
    const answer = new Answer({ question, thread, run, arm, again, edit: () => this.on.edit(question) });
    turn.answers.push(answer);
    turn.place.append(answer.element);
    turn.place.classList.toggle("two", turn.answers.length > 1);
    return answer;
  }

  async #during(work) {
    this.leaving = new AbortController();
    this.stopped = false;
    this.on.changed(this);
    try {
      await work;
    } finally {
      this.leaving = null;
      this.on.changed(this);
    }
  }

  async #send(answer, body) {
    this.unsent.add(answer);
    await this.#follow(answer, body);
    this.#sent(answer);
  }

  #sent(answer) {
    this.unsent.delete(answer);
    if (this.left) this.leave();
  }

  // Asks where a body is given; after that, and after a broken connection, follows what goes on.
  async #follow(answer, body) {
    const { thread, run } = answer.asked;
    await null; // until `leaving` is there
    const { signal } = this.leaving;
    const opened = () => this.#sent(answer);
    for (let broken = 0, asking = body; ; asking = null) {
      try {
        const path = `api/threads/${thread}/${asking ? "ask" : `events?run=${encodeURIComponent(run)}`}`;
        if (await this.#draw(answer, events(path, asking, { signal, opened }))) return;
        if (await this.#settle(answer)) return;
        await pause(1000, signal);
      } catch (error) {
        if (signal.aborted) return this.stopped ? answer.without("stopped") : answer.progress?.end();
        if (!asking && error.status === 404) return answer.failed(NEVER_CAME); // the thread neither
        if (!(error instanceof Unreachable)) return answer.failed(error.message);
        answer.wait();
        answer.progress.say(`${error.message} Trying again.`);
        await pause(Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** broken++), signal);
      }
    }
  }

  async #draw(answer, told) {
    for await (const event of told) {
      if (event.event === "run" && answer.steps.length) answer.wait();
      const last = answer.show(event);
      if (answer.asked.thread === this.id) this.held ||= event.event === "held";
      this.on.grew(this);
      if (last) return true;
    }
    return false;
  }

  // Shows what the server kept of a question; says whether that is final.
  async #settle(answer) {
    const { thread, run } = answer.asked;
    const told = await get(`api/threads/${thread}`);
    const kept = questions(told).find((one) => one.run === run);
    if (kept) return this.#settled(answer, kept, told);
    answer.failed(NEVER_CAME);
    return true;
  }

  #settled(answer, { run, given, said, last }, told) {
    answer.run = given && run; // what another client asked has no account to note a thumb in
    if (last && told.held) answer.held();
    else if (last && told.running) return false;
    else if (said) answer.finish(said, given ?? {});
    else answer.without(given?.outcome ?? "unfinished", given?.message);
    return true;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    for (const [target, event] of [[signal, "abort"], [window, "online"]]) {
      target.addEventListener(event, () => { clearTimeout(timer); resolve(); }, { once: true });
    }
  });
}
