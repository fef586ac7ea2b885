// Opens a document with a span of it highlighted.

import { get } from "./api.js";

const panel = document.getElementById("source");
const title = document.getElementById("source-title");
const body = document.getElementById("text");
let opener = null;

export async function open(name, span, from) {
  opener = from;
  title.textContent = name;
  panel.hidden = false;
  try {
    const path = name.split("/").map(encodeURIComponent).join("/");
    show((await get(`api/documents/${path}`)).text, span);
  } catch (error) {
    body.textContent = error.message;
  }
  title.focus();
}

// A passage names no place; its text does.
export function openPassage(passage, from) {
  open(passage.document, passage.text, from);
}

export function close() {
  panel.hidden = true;
  opener?.focus();
}

function show(text, span) {
  const characters = Array.from(text); // the server counts characters, not UTF-16 units
  const [start, end] = typeof span === "string" ? found(text, span) : [span.start, span.end];
  const mark = document.createElement("mark");
  mark.textContent = characters.slice(start, end).join("");
  body.replaceChildren(characters.slice(0, start).join(""), mark, characters.slice(end).join(""));
  mark.scrollIntoView({ block: "center" });
}

function found(text, passage) {
  const at = text.indexOf(passage);
  if (at < 0) return [0, 0]; // the document changed since
  const start = Array.from(text.slice(0, at)).length;
  return [start, start + Array.from(passage).length];
}

document.getElementById("close").addEventListener("click", close);
