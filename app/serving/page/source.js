// Opens a document beside the conversation, with a span of it marked.

import { documentPath, get } from "./api.js";
import { build, marking } from "./blocks.js";
import { at, element } from "./dom.js";

const panel = at("source");
const body = at("text");
let opener = null;
let round = 0; // the document that was asked for last

export async function open(name, span, from) {
  const mine = ++round;
  opener = from;
  at("source-title").textContent = name;
  at("source-place").textContent = span.page ? `Page ${span.page}` : "";
  body.replaceChildren(element("p", { className: "dim", textContent: "Opening…" }));
  panel.hidden = false;
  at("source-title").focus();
  try {
    const told = await get(documentPath(name));
    if (mine === round) show(told, span);
  } catch (error) {
    if (mine === round) body.replaceChildren(element("p", { className: "failure", textContent: error.message }));
  }
}

// A passage names no place; its text does.
export function openPassage(passage, from) {
  return open(passage.document, { text: passage.text }, from);
}

// The whole document.
export function openDocument(name, from) {
  return open(name, { start: 0, end: 0 }, from);
}

export function close() {
  panel.hidden = true;
  if (opener?.isConnected) opener.focus();
}

function show({ text, blocks }, span) {
  const { start, end } = span.text === undefined ? span : found(text, span.text);
  body.replaceChildren(...build(blocks, marking(start, end)));
  body.scrollTop = 0;
  body.querySelector("mark")?.scrollIntoView({ block: "center" });
}

function found(text, passage) {
  const at = text.indexOf(passage);
  if (at < 0) return { start: 0, end: 0 }; // the document changed since
  const start = Array.from(text.slice(0, at)).length;
  return { start, end: start + Array.from(passage).length };
}

at("close").addEventListener("click", close);
