// The lists beside the conversation: threads, documents, answers that wait for review.

import { get, send } from "./api.js";
import { open } from "./source.js";
import { element, withCitations } from "./turn.js";

const POLL_MS = 400;
const at = (id) => document.getElementById(id);

export async function listThreads(current, onOpen, onDeleted) {
  const threads = await get("api/threads");
  const rows = threads.map(({ id, title }) => {
    const name = element("button", { className: "name", textContent: title, title });
    if (id === current) name.setAttribute("aria-current", "true");
    name.addEventListener("click", () => onOpen(id));
    const drop = dropButton(title, async () => {
      await send(`api/threads/${id}`, null, "DELETE");
      onDeleted(id);
    });
    return element("li", {}, name, drop);
  });
  at("threads").replaceChildren(...rows);
}

export async function listDocuments() {
  const documents = await get("api/documents");
  at("count").textContent = documents.length;
  const rows = documents.map(({ name, uploaded }) => {
    const button = element("button", { className: "name", textContent: name, title: name });
    button.addEventListener("click", () => open(name, { start: 0, end: 0 }, button));
    const row = element("li", {}, button);
    if (uploaded) row.append(dropButton(name, () => change(send(path(name), null, "DELETE"))));
    return row;
  });
  at("documents").replaceChildren(...rows);
}

export function upload(files) {
  const form = new FormData();
  for (const file of files) form.append("files", file);
  return change(send("api/documents", form));
}

// Keeps the rows that are there: somebody may be writing in one.
export async function listReviews(onDecided) {
  const held = await get("api/reviews");
  at("reviewing").hidden = false;
  const there = new Map(Array.from(at("reviews").children, (row) => [row.dataset.key, row]));
  const rows = held.map((one) => there.get(key(one)) ?? review(one, onDecided));
  if (rows.length !== there.size || rows.some((row) => !row.isConnected)) at("reviews").replaceChildren(...rows);
}

function key({ thread, since }) {
  return `${thread} ${since}`;
}

function review(held, onDecided) {
  const { thread, question, answer, citations, confidence } = held;
  const text = element("textarea", { value: answer, rows: 4 });
  text.setAttribute("aria-label", `Answer to: ${question}`);
  const told = element("p", { role: "status" });
  const decide = (decision) => async () => {
    const edited = decision === "approve" && text.value.trim() !== answer;
    const body = edited ? { decision: "edit", text: text.value } : { decision };
    try {
      await send(`api/reviews/${thread}`, body);
      onDecided(thread);
    } catch (error) {
      told.textContent = error.message;
    }
  };
  const buttons = [["Approve", "approve"], ["Reject", "reject"]].map(([label, decision]) => {
    const button = element("button", { className: "plain", textContent: label });
    button.addEventListener("click", decide(decision));
    return button;
  });
  const asked = element("p", { textContent: `${question} (${confidence.toFixed(2)})` });
  const draft = element("p", {}, ...withCitations(answer, citations));
  const row = element("li", {}, asked, draft, text, element("p", {}, ...buttons), told);
  row.dataset.key = key(held);
  return row;
}

// Follows an upload or a deletion until the index has it.
async function change(begun) {
  const told = at("progress");
  try {
    await begun;
    for (let status; (status = await get("api/ingestion")).running;) {
      told.textContent = status.of ? `Indexing ${status.done + 1} of ${status.of}: ${status.document}` : "Indexing";
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const { error, skipped } = await get("api/ingestion");
    told.textContent = error || skipped.join("; ") || "Indexed";
  } catch (error) {
    told.textContent = error.message;
  }
  await listDocuments();
}

function dropButton(what, onClick) {
  const button = element("button", { className: "drop", textContent: "×", title: "Delete" });
  button.setAttribute("aria-label", `Delete ${what}`);
  button.addEventListener("click", onClick);
  return button;
}

function path(name) {
  return `api/documents/${name.split("/").map(encodeURIComponent).join("/")}`;
}
