// Keeps the newest text in view for whoever is there, and leaves those who read further up alone.

import { at } from "./dom.js";

const NEAR = 120; // pixels from the end
const room = at("turns");
let following = false;

export function grew() {
  if (following) room.scrollTop = room.scrollHeight;
  show();
}

export function toLast() {
  room.querySelector(".turn:last-child")?.scrollIntoView({ block: "start" });
  show();
}

function show() {
  at("newest").hidden = below() < NEAR;
}

function below() {
  return room.scrollHeight - room.scrollTop - room.clientHeight;
}

// Only a reader who went to the very end follows what comes.
room.addEventListener("scroll", () => {
  following = below() < 4 && room.scrollHeight > room.clientHeight;
  show();
});
at("newest").addEventListener("click", () => room.scrollTo({ top: room.scrollHeight }));
