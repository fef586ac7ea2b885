// The list of threads: by date, searched, renamed, deleted with a way back.

import { get, send } from "./api.js";
import { at, element, iconButton } from "./dom.js";
import { act, undoable } from "./notices.js";

const MOST_LISTED = 200; // as many as the server tells at once
const DAY_MS = 86_400_000;
const gone = new Set(); // deleted, while it can be taken back
let shown = { listed: [], words: "", current: "", running: () => false, onOpen: () => {}, onDeleted: () => {} };
let round = 0;

export async function listThreads(current, { running, onOpen, onDeleted }) {
  const mine = ++round;
  const words = at("find").value.trim();
  const listed = await get(`api/threads?q=${encodeURIComponent(words)}`);
  if (mine !== round || renaming()) return; // a later one was asked for, or would be disturbed
  const older = words === shown.words && listed.length === MOST_LISTED ? below(listed) : [];
  shown = { listed: [...listed, ...older], words, current, running, onOpen, onDeleted };
  if (!older.length) at("older").hidden = listed.length < MOST_LISTED;
  draw();
}

// Threads that were shown and are older than what is listed now; newer ones that miss were deleted.
function below(listed) {
  const last = listed.at(-1).updated;
  return others(shown.listed, listed).filter((one) => one.updated <= last);
}

// Those of some threads that are not among others.
function others(threads, known) {
  const ids = new Set(known.map((one) => one.id));
  return threads.filter((one) => !ids.has(one.id));
}

export function titleOf(id) {
  return shown.listed.find((one) => one.id === id)?.title;
}

async function older() {
  const words = encodeURIComponent(at("find").value.trim());
  const more = await get(`api/threads?q=${words}&skip=${shown.listed.length}`);
  shown.listed.push(...others(more, shown.listed)); // a new thread moves all others on by one
  at("older").hidden = more.length < MOST_LISTED;
  draw();
}

function draw() {
  const groups = Map.groupBy
    ? Map.groupBy(visible(), day)
    : visible().reduce((of, one) => of.set(day(one), [...(of.get(day(one)) ?? []), one]), new Map());
  const rows = [...groups].flatMap(([when, threads]) => [
    element("li", { className: "when", textContent: when }),
    ...threads.map(row),
  ]);
  const none = at("find").value.trim() ? "No thread has these words in its title." : "Nothing was asked yet.";
  const focused = at("threads").contains(document.activeElement) && document.activeElement;
  at("threads").replaceChildren(...(rows.length ? rows : [element("li", { className: "dim none", textContent: none })]));
  if (focused) focusAgain(focused);
}

// Whoever went here by keyboard stays where he was.
function focusAgain({ className, parentElement, title }) {
  const there = parentElement && rowOf(parentElement.dataset.id);
  [...(there?.children ?? [])].find((one) => one.className === className && one.title === title)?.focus();
}

function rowOf(id) {
  return [...at("threads").children].find((row) => row.dataset.id === id);
}

function renaming() {
  return at("threads").querySelector(".renaming") !== null;
}

function visible() {
  return shown.listed.filter((one) => !gone.has(one.id));
}

function row(thread) {
  const { id, title, updated } = thread;
  const name = element("button", { type: "button", className: "name", dir: "auto", textContent: title });
  name.title = `${title}\n${new Date(updated).toLocaleString()}`;
  if (id === shown.current) name.setAttribute("aria-current", "true");
  name.addEventListener("click", act(() => shown.onOpen(id)));
  const line = element("li", { className: shown.running(thread) ? "running" : "" }, name);
  line.dataset.id = id;
  line.append(iconButton("edit", `Rename ${title}`, () => rename(thread, line)), iconButton("delete", `Delete ${title}`, () => remove(thread)));
  return line;
}

function rename(thread, line) {
  const box = element("input", { value: thread.title, maxLength: 80, className: "renaming", dir: "auto" });
  box.setAttribute("aria-label", "Title");
  let left = false;
  const leave = act(async (keep) => {
    if (left) return;
    left = true;
    const title = box.value.trim();
    try {
      if (keep && title && title !== thread.title) {
        await send(`api/threads/${thread.id}`, { title }, "PATCH");
        thread.title = title;
      }
    } finally {
      draw();
    }
  });
  box.addEventListener("blur", () => leave(true));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.stopPropagation();
    if (!event.isComposing && event.keyCode !== 229) leave(event.key === "Enter");
  });
  line.replaceChildren(box);
  box.select();
}

function remove(thread) {
  const wasShown = thread.id === shown.current;
  gone.add(thread.id);
  draw();
  shown.onDeleted(thread.id);
  undoable(
    `Deleted “${thread.title}”.`,
    async (options) => {
      await send(`api/threads/${thread.id}`, null, "DELETE", options);
      shown.listed = shown.listed.filter((one) => one.id !== thread.id);
    },
    act(async () => {
      gone.delete(thread.id);
      draw();
      if (wasShown) await shown.onOpen(thread.id);
    }),
  );
}

function day({ updated }) {
  const then = new Date(updated);
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(new Date()) - midnight(then)) / DAY_MS);
  if (days < 1) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "Last seven days";
  return then.toLocaleDateString(undefined, { month: "long", year: "numeric" });
}

let typing = 0;
at("find").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(act(() => listThreads(shown.current, shown)), 250);
});
at("older").addEventListener("click", act(older));
