// Writes answers and whole conversations as text, to take along.

import { element } from "./dom.js";
import { place } from "./sources.js";

export function asText({ text, citations }) {
  const sources = citations.map((citation, at) => `[${at + 1}] ${place(citation)}: “${citation.quote}”`);
  return [text, ...(sources.length ? [sources.join("\n")] : [])].join("\n\n");
}

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Where the page comes over plain http, browsers offer nothing newer.
  const box = element("textarea", { value: text, className: "hidden" });
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (!done) throw new Error("The browser does not let this page copy: mark the text and copy it.");
}

// `turns` are {question, answers: [{arm, text}]}.
export function asMarkdown(title, turns) {
  const parts = turns.map(({ question, answers }) => [
    `## ${question}`,
    ...answers.map(({ arm, text }) => (arm ? `**${arm}**: ${text}` : text)),
  ].join("\n\n"));
  return `# ${title}\n\n${parts.join("\n\n")}\n`;
}

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
