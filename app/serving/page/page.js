// Wires the page: one thread at a time, asked of one arm or of two side by side.

import { events, get, send } from "./api.js";
import { listDocuments, listReviews, listThreads, upload } from "./library.js";
import { close, open } from "./source.js";
import { Turn, element } from "./turn.js";

const LOOK_MS = 5000;
const at = (id) => document.getElementById(id);
const turns = at("turns");
let thread = uuid();
let other = uuid(); // the second arm's side of the conversation, unlisted
let stopping = null;
let status = {};
let held = false; // whether the last answer waits for a person

// crypto.randomUUID is there on https and localhost only.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function start() {
  status = await get("api/status");
  at("served").textContent = [status.model, status.adapter ?? "no adapter", `retrieval ${status.retrieval}`, ...(status.borrowed ? ["grades not fitted to this model"] : [])].join(" · ");
  at("beside").append(...status.arms.map((arm) => element("option", { value: arm, textContent: arm })));
  empty();
  await Promise.all([threads(), listDocuments(), status.reviews && reviews()]);
  await cited();
}

// Citations of OpenAI's route link here: #document@start-end.
async function cited() {
  const [, name, from, to] = /^#(.+)@(\d+)-(\d+)$/.exec(location.hash) ?? [];
  if (name) await open(decodeURIComponent(name), { start: +from, end: +to }, at("question"));
}

function empty() {
  const asks = status.documents
    ? `Ask about ${status.documents} documents. Every answer shows the sentence that it rests on.`
    : "There are no documents yet: upload some, then ask about them.";
  turns.replaceChildren(element("p", { className: "empty", textContent: asks }));
}

function threads() {
  return listThreads(thread, show, (gone) => (gone === thread ? fresh() : threads()));
}

function reviews() {
  return listReviews((decided) => {
    reviews();
    if (decided === thread) show(thread);
  });
}

// Others ask and decide meanwhile; a page that nobody looks at need not know.
async function look() {
  if (document.hidden || !at("stop").hidden) return;
  if (status.reviews) await reviews();
  if (held && !(await get(`api/threads/${thread}`)).held) await show(thread);
}

function fresh() {
  thread = uuid();
  other = uuid();
  held = false;
  empty();
  at("question").focus();
  return threads();
}

async function show(id) {
  if (thread !== id) other = uuid();
  thread = id;
  menu(false);
  const told = await get(`api/threads/${id}`);
  if (thread !== id) return; // another was opened meanwhile
  const { messages } = told;
  held = told.held;
  turns.replaceChildren();
  let answer = null;
  for (const message of messages) {
    if (message.role === "user") {
      const turn = new Turn(message.text);
      turns.append(turn.element);
      answer = turn.answer();
    } else {
      answer?.finish({ ...message, answer: message.text });
    }
  }
  if (held) answer?.held();
  turns.scrollTop = turns.scrollHeight;
  await threads();
}

async function ask(question) {
  turns.querySelector(".empty")?.remove();
  const turn = new Turn(question);
  turns.append(turn.element);
  turn.element.scrollIntoView();
  stopping = new AbortController();
  busy(true);
  const beside = at("beside").value;
  const asked = [answer(turn.answer(beside && "served"), thread, { question })];
  if (beside) asked.push(answer(turn.answer(beside), other, { question, arm: beside, beside: thread }));
  await Promise.all(asked);
  busy(false);
  await Promise.all([threads(), status.reviews && reviews()]);
}

async function answer(shown, id, body) {
  let run = "";
  try {
    for await (const event of events(`api/threads/${id}/ask`, body, stopping.signal)) {
      if (event.event === "run") run = event.run;
      shown.show(event);
      if (id === thread) held = event.event === "held";
      if (event.event === "answer") {
        shown.finish(event);
        shown.opinion({ run, thread: id, question: body.question, answer: event.answer });
      }
      turns.scrollTop = turns.scrollHeight;
    }
  } catch (error) {
    shown.failed(error.name === "AbortError" ? "Stopped." : error.message);
  }
}

// The server goes on answering when its reader leaves.
function stop() {
  stopping.abort();
  for (const id of [thread, other]) send(`api/threads/${id}/stop`).catch(() => {});
}

function busy(is) {
  at("stop").hidden = !is;
  at("send").hidden = is;
  at("question").focus();
}

function menu(open) {
  at("side").classList.toggle("open", open);
  at("menu").setAttribute("aria-expanded", String(open));
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = at("question").value.trim();
  if (!question || !at("stop").hidden) return;
  at("question").value = "";
  ask(question);
});
at("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("ask").requestSubmit();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!at("source").hidden) close();
  else if (at("side").classList.contains("open")) menu(false);
  else if (!at("stop").hidden) stop();
});
at("stop").addEventListener("click", stop);
at("new").addEventListener("click", () => {
  menu(false);
  fresh();
});
at("menu").addEventListener("click", () => menu(at("menu").getAttribute("aria-expanded") !== "true"));
at("upload").addEventListener("change", async (event) => {
  await upload(event.target.files);
  event.target.value = "";
  status = await get("api/status");
  if (turns.querySelector(".empty")) empty();
});

setInterval(() => look().catch(() => {}), LOOK_MS);
start().catch((error) => {
  turns.replaceChildren(element("p", { className: "empty", textContent: error.message }));
});
