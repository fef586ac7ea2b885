// Says what happened, offers to undo it, and asks before what cannot be undone.

import { at, element, iconButton } from "./dom.js";
import { whenLeaving } from "./leaving.js";

const SHOWN_MS = { status: 8000, alert: 20000 };
const pending = new Set();

export function tell(message, { failed = false } = {}) {
  return notice(message, failed ? "alert" : "status");
}

export function tellFailure(error) {
  if (error.name !== "AbortError") tell(error.message, { failed: true });
}

// Wraps what a click does, so that its failure is told.
export function act(work) {
  return async (...given) => {
    try {
      await work(...given);
    } catch (error) {
      tellFailure(error);
    }
  };
}

// Does something later, unless it is taken back meanwhile; leaving the page does it at once.
export function undoable(message, commit, undo) {
  const { row, ended } = notice(message, "status", "Undo");
  const done = async (options) => {
    if (!pending.delete(done)) return;
    row.remove();
    try {
      await commit(options);
    } catch (error) {
      undo();
      tellFailure(error);
    }
  };
  pending.add(done);
  row.querySelector(".undo").addEventListener("click", () => {
    pending.delete(done);
    row.remove();
    undo();
  });
  ended.then(done);
}

whenLeaving((options) => {
  for (const done of pending) done(options);
});

// Asks a question that must be answered; resolves to whether it was agreed to.
export function confirmed(question, agree) {
  const dialog = at("confirm");
  at("confirm-title").textContent = question;
  at("agree").textContent = agree;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function notice(message, role, action) {
  const row = element("div", { className: `notice ${role}` }, element("span", { textContent: message }));
  row.setAttribute("role", role);
  if (action) row.append(element("button", { type: "button", className: "undo", textContent: action }));
  const close = iconButton("close", "Dismiss", () => end());
  row.append(close);
  at("notices").append(row);
  let end;
  const ended = new Promise((resolve) => {
    end = () => { row.remove(); resolve(); };
    // Whoever reads it, or is about to press it, is given the time.
    const later = () => (row.matches(":hover, :focus-within") ? setTimeout(later, 1000) : end());
    setTimeout(later, SHOWN_MS[role]);
  });
  return { row, ended };
}
