// The side with its tabs, the menu that shows it on a phone, and files that are dropped anywhere.

import { at } from "./dom.js";
import { tell } from "./notices.js";

const TABS = ["threads", "documents", "reviews"];

export function tab(name) {
  for (const each of TABS) {
    const is = each === name;
    at(`${each}-tab`).setAttribute("aria-selected", String(is));
    at(`${each}-tab`).tabIndex = is ? 0 : -1;
    at(`${each}-panel`).hidden = !is;
  }
}

export function menu(open) {
  at("side").classList.toggle("open", open);
  at("menu").setAttribute("aria-expanded", String(open));
}

export function menuIsOpen() {
  return at("side").classList.contains("open");
}

export function onDrop(take) {
  const holds = (event) => event.dataTransfer?.types.includes("Files");
  let within = 0; // elements below the pointer that were entered and not left
  addEventListener("dragenter", (event) => {
    if (holds(event)) at("drop").hidden = !++within;
  });
  addEventListener("dragleave", (event) => {
    if (holds(event)) at("drop").hidden = --within < 1;
  });
  addEventListener("dragover", (event) => {
    if (holds(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    within = 0;
    at("drop").hidden = true;
    const files = dropped(event.dataTransfer.items);
    if (files.length) take(files);
  });
}

// Files that are dropped; a folder comes as one that cannot be read.
function dropped(items) {
  return Array.from(items, (item) => [item.webkitGetAsEntry(), item.getAsFile()]).flatMap(([entry, file]) => {
    if (!entry?.isDirectory) return file ?? [];
    tell(`“${entry.name}” is a folder: open it, and drop the files that are in it.`, { failed: true });
    return [];
  });
}

for (const [number, each] of TABS.entries()) {
  at(`${each}-tab`).addEventListener("click", () => tab(each));
  at(`${each}-tab`).addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const there = TABS.filter((name) => !at(`${name}-tab`).hidden);
    const next = there[(there.indexOf(TABS[number]) + step + there.length) % there.length];
    tab(next);
    at(`${next}-tab`).focus();
  });
}
at("menu").addEventListener("click", () => menu(!menuIsOpen()));
at("shade").addEventListener("click", () => menu(false));
