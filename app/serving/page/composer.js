// The box in which a question is written, and what it is asked of.

import { at, element, icon } from "./dom.js";
import { tell } from "./notices.js";

const box = at("question");
let scope = null; // {names, label}: the only documents to ask

export function asked() {
  return { only: scope?.names ?? [], arm: at("beside").value };
}

export function write(question) {
  box.value = question;
  grow();
  box.focus();
  box.setSelectionRange(question.length, question.length);
}

export function only(names, label) {
  scope = names && { names, label };
  chips();
  box.focus();
}

export function busy(is) {
  at("stop").hidden = !is;
  at("send").hidden = is;
}

// The on-screen keyboard would hide what a phone is to show.
export function focus() {
  if (matchMedia("(hover: hover)").matches) box.focus();
}

export function onAsk(ask) {
  at("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    if (!question) return;
    if (at("send").hidden) {
      tell("The answer is still on its way: wait, or stop it first.");
      return;
    }
    box.value = "";
    grow();
    ask(question);
  });
}

function chips() {
  const rows = [];
  if (scope) rows.push(chip(`Only ${scope.label}`, () => only(null)));
  if (at("beside").value) {
    rows.push(chip(`Compared with ${at("beside").value}`, () => { at("beside").value = ""; chips(); }));
  }
  at("chips").replaceChildren(...rows);
}

function chip(label, onClick) {
  const button = element("button", { type: "button", className: "chip" }, label, icon("close"));
  button.setAttribute("aria-label", `${label}: remove`);
  button.addEventListener("click", () => { onClick(); box.focus(); });
  return button;
}

function grow() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 200)}px`;
}

box.addEventListener("input", grow);
box.addEventListener("keydown", (event) => {
  // Safari ends a composition before it tells of the key, which has this code then.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  at("ask").requestSubmit();
});
at("beside").addEventListener("change", chips);
