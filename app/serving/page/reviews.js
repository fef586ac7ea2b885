// Answers that wait for a person: read, edited, approved or rejected.

import { get, send } from "./api.js";
import { build, citing } from "./blocks.js";
import { at, element } from "./dom.js";
import { act, confirmed } from "./notices.js";
import { open } from "./source.js";

// Keeps the rows that are there: somebody may be writing in one.
export async function listReviews(onDecided) {
  const held = await get("api/reviews");
  at("reviews-tab").hidden = false;
  at("waiting").textContent = held.length || "";
  const there = new Map(Array.from(at("reviews").querySelectorAll("[data-key]"), (row) => [row.dataset.key, row]));
  const rows = held.map((one) => there.get(key(one)) ?? review(one, onDecided));
  for (const row of [...at("reviews").children]) if (!rows.includes(row)) row.remove();
  // A row that is moved loses the focus: those that came since stand between the others or below.
  for (const [place, row] of rows.entries()) {
    if (!row.isConnected) at("reviews").insertBefore(row, at("reviews").children[place] ?? null);
  }
  if (!rows.length) at("reviews").append(element("li", { className: "dim none", textContent: "No answer waits." }));
}

function key({ thread, since }) {
  return `${thread} ${since}`;
}

function review(held, onDecided) {
  const { thread, question, answer, citations, confidence } = held;
  const text = element("textarea", { value: answer, rows: 4, dir: "auto" });
  text.setAttribute("aria-label", `Answer to: ${question}`);
  const decide = (decision) => act(async () => {
    if (decision === "reject" && !(await confirmed("Reject this answer? The reader will be told that the documents do not answer it.", "Reject"))) return;
    const edited = decision === "approve" && text.value.trim() !== answer;
    await send(`api/reviews/${thread}`, edited ? { decision: "edit", text: text.value } : { decision });
    onDecided(thread);
  });
  const buttons = [["Approve", "approve"], ["Reject", "reject"]].map(([label, decision]) => {
    const button = element("button", { type: "button", className: "plain", textContent: label });
    button.addEventListener("click", decide(decision));
    return button;
  });
  const cite = (number) => citations[number - 1] && source(number, citations[number - 1]);
  const draft = element("p", { dir: "auto" }, ...build([{ text: answer, start: 0 }], citing(cite)));
  const asked = element("p", { className: "asked", dir: "auto", textContent: question });
  const sure = element("p", { className: "dim", textContent: `Confidence ${confidence.toFixed(2)}` });
  const row = element("li", { className: "review" }, asked, draft, sure, text, element("p", { className: "buttons" }, ...buttons));
  row.dataset.key = key(held);
  return row;
}

function source(number, citation) {
  const button = element("button", { className: "cite", textContent: number, type: "button" });
  button.setAttribute("aria-label", `Source ${number}: ${citation.document}`);
  button.addEventListener("click", () => open(citation.document, citation, button));
  return button;
}
