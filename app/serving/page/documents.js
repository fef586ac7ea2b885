// The documents as a tree: filtered, opened, asked alone, uploaded and deleted.

import { documentPath, get, send } from "./api.js";
import { at, element, icon, iconButton } from "./dom.js";
import { whenLeaving } from "./leaving.js";
import { act, confirmed, tell, undoable } from "./notices.js";
import { openDocument } from "./source.js";

const POLL_MS = 400;
const MOST_NAMED = 1000; // as many as one question may name
const gone = new Set(); // deleted, while it can be taken back
const untold = new Set(); // deleted for good, which the server does not know yet
const opened = new Set(); // folders
let fresh = new Set(); // names that the last upload brought
let listed = [];
let onOnly = () => {};
let folder = ""; // where uploads of this user lie
let changing = Promise.resolve(); // the last change, until it is made

export async function listDocuments(only = onOnly, uploads = folder) {
  onOnly = only;
  folder = uploads;
  listed = await get("api/documents");
  draw();
}

export async function upload(files) {
  const names = Array.from(files, (file) => file.name);
  const named = (name) => `${folder}${name}`;
  const again = names.filter((name) => listed.some((one) => one.uploaded && one.name === named(name)));
  if (again.length && !(await confirmed(`Replace ${again.map((name) => `“${name}”`).join(", ")}? The text that is there now is lost.`, "Replace"))) return;
  const before = new Set(listed.map((one) => one.name));
  const { skipped, partly } = await change(() => sendFiles(files), `Uploading ${names.length === 1 ? names[0] : `${names.length} files`}`);
  const taken = names.filter((name) => listed.some((one) => one.name === named(name)) && (!before.has(named(name)) || again.includes(name)));
  fresh = new Set(taken.map(named));
  opened.add(folder);
  draw();
  for (const why of skipped) tell(why, { failed: true });
  for (const note of partly) tell(`Not read of ${note}.`, { failed: true });
  if (taken.length) tell(taken.length === 1 ? `“${taken[0]}” can be asked about now.` : `${taken.length} documents can be asked about now.`);
}

async function sendFiles(files) {
  const form = new FormData();
  for (const file of files) {
    await read(file);
    form.append("files", file);
  }
  await send("api/documents", form);
}

// Sent unread, a file that cannot be read would look like a server that cannot be reached.
async function read(file) {
  await file.stream().pipeTo(new WritableStream()).catch(() => {
    throw new Error(`“${file.name}” cannot be read: it was moved or changed, or you may not read it.`);
  });
}

// Makes one change after another, for the server takes one at a time.
function change(begin, doing) {
  const mine = changing.then(() => follow(begin, doing));
  changing = mine.catch(() => {});
  return mine;
}

// Follows an upload or a deletion until the index has it; returns what could not be read, and why.
async function follow(begin, doing) {
  const told = at("progress");
  told.textContent = `${doing}…`;
  told.hidden = false;
  if (!told.checkVisibility()) tell(`${doing}…`); // a phone hides the side
  try {
    await begin();
    let status;
    while ((status = await get("api/ingestion")).running) {
      if (status.of) told.textContent = [`Reading ${status.done + 1} of ${status.of}`, status.document].filter(Boolean).join(": ");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (status.error) throw new Error(status.error);
    return status;
  } finally {
    told.hidden = true;
    await listDocuments();
    dispatchEvent(new Event("documents"));
  }
}

function draw() {
  const words = at("filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const kept = listed.filter(({ name }) => !gone.has(name) && words.every((word) => name.toLowerCase().includes(word)));
  at("count").textContent = listed.length - gone.size;
  const none = words.length ? "No document has these words in its name." : "There are no documents yet.";
  const rows = branches(kept, "", words.length > 0);
  at("documents").replaceChildren(...(rows.length ? rows : [element("li", { className: "dim none", textContent: none })]));
}

// Rows of the folders and files directly below a folder.
function branches(documents, folder, open) {
  const folders = new Map();
  const files = [];
  for (const one of documents) {
    const [first, ...rest] = one.name.slice(folder.length).split("/");
    if (!rest.length) files.push(one);
    else folders.set(first, [...(folders.get(first) ?? []), one]);
  }
  return [...[...folders].map(([name, within]) => branch(`${folder}${name}/`, name, within, open)), ...files.map((one) => leaf(one, folder))];
}

function branch(path, name, documents, open) {
  const list = element("ul", {}, ...branches(documents, path, open));
  const summary = element("summary", {}, element("span", { className: "name", textContent: name }), element("span", { className: "dim", textContent: documents.length }));
  const details = element("details", { open: open || opened.has(path) }, summary, list);
  details.addEventListener("toggle", () => {
    if (details.open) opened.add(path);
    else opened.delete(path);
  });
  const names = documents.map((one) => one.name);
  const only = iconButton("only", `Ask only ${path}`, () => onOnly(names, path));
  return element("li", { className: "branch" }, details, ...(names.length <= MOST_NAMED ? [only] : []));
}

function leaf({ name, uploaded }, folder) {
  const short = name.slice(folder.length);
  const button = element("button", { type: "button", className: "name", title: name }, icon("file"), short);
  button.addEventListener("click", act(() => openDocument(name, button)));
  const row = element("li", { className: fresh.has(name) ? "fresh" : "" }, button, iconButton("only", `Ask only ${name}`, () => onOnly([name], short)));
  if (uploaded) row.append(iconButton("delete", `Delete ${name}`, () => remove(name)));
  return row;
}

function remove(name) {
  gone.add(name);
  draw();
  undoable(
    `Deleted “${name}”.`,
    async (options) => {
      untold.add(name);
      try {
        await (options?.keepalive ? drop(name, options) : change(() => drop(name), `Deleting ${name}`));
      } finally {
        gone.delete(name);
        draw();
      }
    },
    () => { gone.delete(name); draw(); },
  );
}

// Once, in its turn or when the page is left, whichever comes first.
async function drop(name, options) {
  if (untold.delete(name)) await send(documentPath(name), null, "DELETE", options);
}

whenLeaving((options) => {
  for (const name of untold) drop(name, options).catch(() => {}); // nobody is there to be told
});
at("filter").addEventListener("input", draw);
