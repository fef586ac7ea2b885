// Wires the page: which thread is shown, what its address is, and what keys and buttons do.

import { get, logOut } from "./api.js";
import * as composer from "./composer.js";
import { Conversation, uuid } from "./conversation.js";
import { listDocuments, upload } from "./documents.js";
import { at, element } from "./dom.js";
import { asMarkdown, download } from "./export.js";
import { act, tell, tellFailure } from "./notices.js";
import { listReviews } from "./reviews.js";
import * as scroll from "./scroll.js";
import { menu, menuIsOpen, onDrop, tab } from "./sides.js";
import { close, open } from "./source.js";
import { listThreads, titleOf } from "./threads.js";
import { welcome } from "./welcome.js";

const LOOK_MS = 5000;
let round = 0; // what was chosen last: a thread, a new one, or to ask in the one that is shown
const kept = new Map(); // conversations that are shown, or have something to send, by thread
let shown = null;
let status = {};
let addressed = ""; // what the address asked for when it was last looked at

async function start() {
  status = await get("api/status");
  const parts = [status.model, status.adapter ?? "no adapter", `retrieval ${status.retrieval}`];
  if (status.borrowed) parts.push("grades not fitted to this model");
  at("served").textContent = parts.join(" · ");
  at("upload").accept = status.suffixes.join();
  at("beside").append(...status.arms.map((arm) => element("option", { value: arm, textContent: arm })));
  at("who").textContent = status.user;
  at("me").hidden = !status.asks;
  await Promise.all([route(), listDocuments(only, status.uploads), status.reviews && reviews()]);
  await cited();
}

// The address names the thread: it survives a reload, can be kept, and the browser's Back works.
async function route() {
  addressed = location.search;
  const id = new URLSearchParams(location.search).get("thread");
  if (!id) return fresh();
  try {
    await show(id);
  } catch (error) {
    fresh();
    tellFailure(error.status === 404 ? new Error("This thread is not here: it was deleted, or it is somebody else's.") : error);
  }
  return null;
}

// Citations of OpenAI's route link here: #document@start-end.
async function cited() {
  const [, name, from, to] = /^#(.+)@(\d+)-(\d+)$/.exec(location.hash) ?? [];
  if (!name) return;
  try {
    await open(decodeURIComponent(name), { start: +from, end: +to }, at("question"));
  } catch {
    tell("This link names no passage of a document.", { failed: true });
  }
}

async function threads() {
  await listThreads(shown?.id, {
    running: (one) => (one.id === shown?.id ? shown.busy : one.running),
    onOpen: (id) => show(id, true),
    onDeleted: (id) => shown.id === id && fresh(true),
  });
  if (shown) entitle();
}

function reviews() {
  return listReviews(act(async (decided) => {
    await reviews();
    if (decided === shown.id) await shown.load();
  }));
}

// Others ask and decide meanwhile; a page that nobody looks at need not know.
async function look() {
  if (document.hidden || !shown) return;
  await threads();
  if (shown.busy) return;
  if (status.reviews) await reviews();
  const one = shown;
  if (one.held && !(await get(`api/threads/${one.id}`)).held) await one.load();
}

function conversation(id) {
  const on = {
    grew: (one) => one === shown && scroll.grew(),
    changed: (one) => changed(one),
    again: act((question, of) => ask(question, of)),
    edit: composer.write,
  };
  return new Conversation(id, on);
}

function changed(one) {
  forget(one);
  if (one === shown) composer.busy(one.busy);
  threads().catch(() => {}); // the list is drawn anew with the next change
}

function forget(one) {
  if (one !== shown && !one.busy && kept.get(one.id) === one) kept.delete(one.id);
}

function take(one) {
  const before = shown;
  shown = one;
  kept.set(one.id, one);
  one.stay();
  if (before && before !== one) {
    before.leave();
    forget(before);
  }
  at("turns").replaceChildren(one.element);
  composer.busy(one.busy);
  menu(false);
  close();
}

async function show(id, push = false) {
  const mine = ++round;
  const there = kept.get(id);
  const one = there && !there.gone ? there : (await loaded(id).catch((error) => {
    if (mine === round) throw error;
  }));
  if (mine !== round) return one?.leave();
  take(one);
  address(`?thread=${id}`, push);
  scroll.toLast();
  return threads();
}

async function loaded(id) {
  const one = conversation(id);
  await one.load();
  return one;
}

function fresh(push = false) {
  round++;
  take(conversation(uuid()));
  empty();
  address("./", push);
  composer.focus();
  return threads();
}

function only(names, label) {
  menu(false);
  composer.only(names, label);
}

function empty() {
  at("turns").replaceChildren(welcome(status, act((question) => ask(question)), act(added)));
}

function address(url, push) {
  const hash = push ? "" : location.hash;
  if (push && new URL(url, location.href).search !== location.search) history.pushState(null, "", url);
  else history.replaceState(null, "", url + hash);
  addressed = location.search;
}

function entitle() {
  const title = titleOf(shown.id) ?? shown.title;
  at("title").textContent = title;
  document.title = title ? `${title} · Groundtune` : "Groundtune";
  at("export").disabled = !shown.turns.length;
}

async function ask(question, of = composer.asked()) {
  if (shown.busy) return tell("The answer is still on its way: wait, or stop it first.");
  round++; // what is still being opened would hide the question
  if (!shown.element.isConnected) at("turns").replaceChildren(shown.element);
  address(`?thread=${shown.id}`, !shown.turns.length);
  await shown.ask(question, of);
  if (status.reviews) await reviews();
  return null;
}

async function added(files) {
  tab("documents");
  await upload(files);
}

async function counted() {
  status = await get("api/status");
  if (!shown.turns.length) empty();
}

// Whether Escape already ends something: a composition, a dialog or popover, a search.
function endsOther({ defaultPrevented, isComposing, keyCode, target }) {
  return defaultPrevented || isComposing || keyCode === 229 // as in composer.js
    || document.querySelector("dialog[open], :popover-open") !== null
    || (target.type === "search" && target.value !== "");
}

function writesIn(field) {
  return field.matches("input, select, textarea") && (field !== at("question") || field.value !== "");
}

composer.onAsk(act(async (question) => {
  if (!shown) await started; // asked while the page still opens
  return shown ? ask(question) : composer.write(question);
}));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || endsOther(event)) return;
  if (!at("source").hidden) close();
  else if (menuIsOpen()) menu(false);
  else if (shown?.busy && !writesIn(event.target)) act(() => shown.stop())();
});
at("stop").addEventListener("click", act(() => shown.stop()));
at("new").addEventListener("click", act(() => fresh(true)));
at("upload").addEventListener("change", act(async (event) => {
  const files = Array.from(event.target.files);
  event.target.value = "";
  await added(files);
}));
at("export").addEventListener("click", () => {
  const turns = shown.turns.map(({ question, answers }) => ({
    question,
    answers: answers.map(({ asked, text }) => ({ arm: asked.arm, text })).filter(({ text }) => text),
  }));
  download(`${(at("title").textContent || "conversation").replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60)}.md`, asMarkdown(at("title").textContent, turns));
});
at("only").addEventListener("click", () => only([at("source-title").textContent], at("source-title").textContent));
at("log-out").addEventListener("click", logOut);
addEventListener("documents", act(counted));
// A fragment names a passage, or a part of the page, of the thread that is there.
addEventListener("popstate", act(async () => {
  if (location.search !== addressed) await route();
  await cited();
}));
onDrop(act(added));

setInterval(() => look().catch(() => {}), LOOK_MS);
const started = start().catch((error) => {
  at("turns").replaceChildren(element("p", { className: "empty failure", textContent: error.message }));
});
