// Talks to the server; asks for a token when it wants one.

const KEY = "groundtune-token";

export class Failure extends Error {}

async function call(path, options = {}) {
  const token = sessionStorage.getItem(KEY);
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(path, { ...options, headers });
  if (response.status === 401) {
    await askToken(token);
    return call(path, options);
  }
  if (!response.ok) {
    const told = await response.json().catch(() => ({}));
    throw new Failure(told.message ?? `the server answered ${response.status}`);
  }
  return response;
}

let asking = null;

function askToken(refused) {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("login");
    document.getElementById("refused").textContent = refused ? "The server does not know this token." : "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(KEY, document.getElementById("token").value.trim());
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

export async function get(path) {
  return (await call(path)).json();
}

export async function send(path, body, method = "POST") {
  const form = body instanceof FormData;
  const headers = body && !form ? { "Content-Type": "application/json" } : {};
  await call(path, { method, headers, body: form ? body : body && JSON.stringify(body) });
}

// Yields {event, ...} for each server-sent event.
export async function* events(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  const options = { method: "POST", headers, body: JSON.stringify(body), signal };
  const response = await call(path, options);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r", "")).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data:"));
      if (data.length) yield JSON.parse(data.map((line) => line.slice(5)).join(""));
    }
  }
}
