// Makes elements, never from HTML.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  again: "M20 11A8 8 0 0 0 6 6.3L4 8m0-4v4h4M4 13a8 8 0 0 0 14 4.7l2-1.7m0 4v-4h-4",
  bad: "M10 14V19a2 2 0 0 0 2 2l4-8V4H7.5A2 2 0 0 0 5.6 5.5L4 11a2 2 0 0 0 2 3zM16 4h4v9h-4",
  chevron: "M6 9l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  delete: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  good: "M14 10V5a2 2 0 0 0-2-2l-4 8v9h8.5a2 2 0 0 0 1.9-1.5L20 13a2 2 0 0 0-2-3zM8 20H4v-9h4",
  menu: "M4 6h16M4 12h16M4 18h16",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  new: "M12 5v14M5 12h14",
  only: "M12 3v3M12 18v3M3 12h3M18 12h3M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10z",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  upload: "M12 16V4M7 9l5-5 5 5M4 20h16",
};

export const at = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onClick) {
  const button = element("button", { type: "button", className: "icon", title: label }, icon(name));
  button.setAttribute("aria-label", label);
  button.addEventListener("click", onClick);
  return button;
}

for (const place of document.querySelectorAll("[data-icon]")) place.prepend(icon(place.dataset.icon));
