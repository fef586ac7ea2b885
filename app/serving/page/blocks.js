// Builds what the server read as Markdown or extracted text, with citations and a marked span.

import { element } from "./dom.js";

const TAGS = new Set(["p", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td",
  "strong", "em", "s", "hr", "br", "pre", "code", "h1", "h2", "h3", "h4", "h5", "h6"]);

// `piece` draws a text, given where it starts in the source and whether it is code. What stands
// outermost runs as its own first letter does, with all that is in it.
export function build(blocks, piece) {
  return built(blocks, piece, { dir: "auto" }, false);
}

function built(blocks, piece, outermost, code) {
  return blocks.flatMap((block) => {
    if (block.tag === undefined) return piece(block.text, block.start, code);
    if (!TAGS.has(block.tag)) return built(block.children, piece, outermost, code);
    const within = code || block.tag === "pre" || block.tag === "code";
    const made = element(heading(block.tag), {}, ...built(block.children, piece, {}, within));
    if (block.first !== undefined) made.start = block.first;
    return Object.assign(block.tag === "table" ? wide(made) : made, outermost);
  });
}

// The page's own headings are h1 and h2.
function heading(tag) {
  const level = /^h([1-6])$/.exec(tag)?.[1];
  return level ? `h${Math.min(6, +level + 2)}` : tag;
}

function wide(table) {
  const frame = element("div", { className: "wide", tabIndex: 0 }, table);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Table");
  return frame;
}

// Draws pieces in which [1] becomes what `cite` makes of 1.
export function citing(cite) {
  return (text, _, code) => (code ? [text] : text.split(/(\[\d+\])/).map((part) => {
    const number = /^\[(\d+)\]$/.exec(part)?.[1];
    return (number && cite(number)) || part;
  }));
}

// Draws pieces with the characters from `from` to `to` of the source marked.
export function marking(from, to) {
  return (text, start) => {
    const characters = Array.from(text); // the server counts characters, not UTF-16 units
    const begin = Math.max(0, from - start);
    const end = Math.min(characters.length, to - start);
    if (start < 0 || begin >= end) return [text];
    const mark = element("mark", { textContent: characters.slice(begin, end).join("") });
    return [characters.slice(0, begin).join(""), mark, characters.slice(end).join("")];
  };
}
