// Talks to the server; asks for a token when it wants one.

import { at } from "./dom.js";
import { tellAll } from "./leaving.js";

const KEY = "groundtune-token";
const SENDABLE = /^[\x20-\x7e\x80-\xff]+$/; // what a header of HTTP can hold
const SILENCE_MS = 45_000; // the server says something every 15 seconds

// What the server answered instead of what was asked for.
export class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}
// Nothing came back at all.
export class Unreachable extends Error {}

async function call(path, options = {}) {
  const token = sessionStorage.getItem(KEY);
  const known = token && SENDABLE.test(token) && { Authorization: `Bearer ${token}` };
  const headers = { ...options.headers, ...known };
  const response = await fetch(path, { ...options, headers }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Unreachable("The server cannot be reached: it may be restarting, or you may be offline.");
  });
  if (response.status === 401) {
    await askToken(token);
    return call(path, options);
  }
  if (!response.ok) throw new Failure(await reason(response), response.status);
  return response;
}

async function reason(response) {
  const told = await response.json().catch(() => ({}));
  const message = told.message ?? `the server answered ${response.status}`;
  return `${message[0].toUpperCase()}${message.slice(1)}.`.replace(/[.!?]\.$/, ".");
}

let asking = null;

function askToken(refused) {
  asking ??= new Promise((resolve) => {
    const dialog = at("login");
    at("refused").textContent = refused ? "The server does not know this token." : "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(KEY, at("token").value.trim());
      at("token").value = "";
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

// Requests that are on their way keep the token.
export function logOut() {
  tellAll();
  sessionStorage.removeItem(KEY);
  location.assign("./");
}

export async function get(path) {
  return (await call(path)).json();
}

export async function send(path, body, method = "POST", options = {}) {
  const form = body instanceof FormData;
  const headers = body && !form ? { "Content-Type": "application/json" } : {};
  await call(path, { ...options, method, headers, body: form ? body : body && JSON.stringify(body) });
}

// Yields {event, ...} for each server-sent event; asks where a body is given, else follows.
// `opened` is called once the server has taken the request.
export async function* events(path, body, { signal, opened }) {
  const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await call(path, { ...(body && asked), signal });
  opened();
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await read(reader);
    if (done) return;
    const blocks = (rest + value.replaceAll("\r", "")).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data:"));
      if (data.length) yield JSON.parse(data.map((line) => line.slice(5)).join(""));
    }
  }
}

// A laptop that was closed may wake up to a connection that is dead and never says so.
async function read(reader) {
  const lost = new Unreachable("The connection was lost.");
  let timer;
  const silence = new Promise((_, reject) => { timer = setTimeout(() => reject(lost), SILENCE_MS); });
  try {
    return await Promise.race([reader.read(), silence]);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    reader.cancel().catch(() => {});
    throw lost;
  } finally {
    clearTimeout(timer);
  }
}

// A name that the browser would walk up by names no document.
export function documentPath(name) {
  const parts = name.split("/");
  if (parts.some((part) => part === "." || part === "..")) throw new Failure(`There is no document “${name}”.`);
  return `api/documents/${parts.map(encodeURIComponent).join("/")}`;
}
