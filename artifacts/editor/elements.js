// @ts-check
// Elements from data; texts only ever become text, so nothing that is shown can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string | number | Node | null | undefined | false} Child */

/**
 * @param {string} tag @param {Record<string, any>} [attributes] `on…` = listener, true = present, false or null = absent
 * @param {...Child} children @returns {any}
 */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...Child} children @returns {any} */
export function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** @param {Element} target @param {Record<string, any>} attributes @param {Child[]} children */
function filled(target, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) target.addEventListener(name.slice(2), value);
    else if (name === "value") /** @type {any} */ (target).value = value;
    else setAttribute(target, name, value);
  }
  for (const child of children) if (child || child === 0) target.append(child instanceof Node ? child : String(child));
  return target;
}

/** @param {Element} target @param {string} name @param {any} value */
export function setAttribute(target, name, value) {
  if (value === false || value === null || value === undefined) target.removeAttribute(name);
  else target.setAttribute(name, value === true ? "" : String(value));
}

/** @param {Element} target @param {...Child} children */
export function replaceContent(target, ...children) {
  const kept = children.filter((child) => child || child === 0);
  target.replaceChildren(...kept.map((child) => (child instanceof Node ? child : String(child))));
}

const ICONS = {
  brush: "M9.5 14.5 19 5a1.8 1.8 0 0 0-2.5-2.5L7 12M4 21c3.5.5 6-1 6-4a3 3 0 0 0-6 0c0 1.5-1 2.5-2 3 .6.6 1.3.9 2 1Z",
  eraser: "m7 20-4-4a1.5 1.5 0 0 1 0-2L13 4a1.5 1.5 0 0 1 2 0l5.5 5.5a1.5 1.5 0 0 1 0 2L12 20H7ZM8 9l7.5 7.5M12 20h9",
  rectangle: "M4 6h16v12H4z",
  ellipse: "M12 5c5 0 9 3 9 7s-4 7-9 7-9-3-9-7 4-7 9-7Z",
  lasso: "M7 17c-3-1.2-5-3.4-5-6.3C2 7 6.5 4 12 4s10 3 10 6.7-4.5 6.6-10 6.6c-1.2 0-2.3-.1-3.3-.4M7 15.5a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4ZM7 20c.3 1 0 1.6-.8 2",
  polygon: "m12 3 9 7-3.5 11h-11L3 10z",
  bucket: "m5 11 7-7 8 8-6.5 6.5a2 2 0 0 1-3 0L5 13a1.4 1.4 0 0 1 0-2ZM12 4 9.5 1.5M4.5 12H20M21.5 16s1.5 2 1.5 3a1.5 1.5 0 0 1-3 0c0-1 1.5-3 1.5-3Z",
  subject: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M12 7.2a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6ZM7.8 17c.4-2.2 2-3.4 4.2-3.4s3.8 1.2 4.2 3.4",
  draw: "m4 20 1-5L16 4a2.1 2.1 0 0 1 3 0l1 1a2.1 2.1 0 0 1 0 3L9 19l-5 1ZM14 6l4 4M13 20h7",
  frame: "M6 2v14a2 2 0 0 0 2 2h14M18 22V8a2 2 0 0 0-2-2H2",
  hand: "M8 12V5.5a1.5 1.5 0 0 1 3 0V11m0-1V4a1.5 1.5 0 0 1 3 0v7m0-5a1.5 1.5 0 0 1 3 0v6m0-3a1.5 1.5 0 0 1 3 0v5a8 8 0 0 1-8 8c-3 0-5-1.5-6.5-4L3.5 14a1.5 1.5 0 0 1 2.5-1.6L8 15",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  close: "m6 6 12 12M18 6 6 18",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.01M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20Z",
  picture: "M5 4h14a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM3 17l5-5 4 4 3-3 6 5M15.5 9v.01",
  invert: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 3v18M12 8h5M12 12h8.5M12 16h6",
  clear: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  fill: "M4 4h16v16H4zM4 14 14 4M8 20 20 8M4 20 20 4",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7ZM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  check: "m5 12 5 5L20 7",
  dice: "M6 3h12a3 3 0 0 1 3 3v12a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3ZM8 8v.01M16 8v.01M12 12v.01M8 16v.01M16 16v.01",
  chevron: "m6 9 6 6 6-6",
  shield: "M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6l-7-3ZM9 12l2 2 4-4",
  warning: "M12 4 2.5 20h19L12 4ZM12 10v4M12 17v.01",
  tab: "M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4",
  copy: "M9 9h11v12H9zM5 15H4V3h11v2",
  history: "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 1.8",
  compare: "M12 3v18M8 7H4v10h4M16 7h4v10h-4",
};

/** @param {keyof typeof ICONS} name @returns {SVGElement} hidden from screen readers: its button has the name */
export function icon(name) {
  return drawing(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" },
    drawing("path", { d: ICONS[name] }),
  );
}

/**
 * @param {keyof typeof ICONS} name @param {string} label what it does, for the tooltip and screen readers
 * @param {(event: any) => void} press @param {Record<string, any>} [attributes] @returns {HTMLButtonElement}
 */
export function iconButton(name, label, press, attributes = {}) {
  const { class: extra = "", ...rest } = attributes;
  return element(
    "button",
    { type: "button", class: `icon-button ${extra}`, "aria-label": label, title: label, onclick: press, ...rest },
    icon(name),
  );
}

/**
 * @param {Child} label @param {() => void} press @param {string} [kind] class beside "button"; "link" and "menu-row" stand alone
 * @param {Record<string, any>} [attributes] @param {...Child} more @returns {HTMLButtonElement}
 */
export function textButton(label, press, kind = "", attributes = {}, ...more) {
  const alone = kind === "link" || kind === "menu-row";
  return element("button", { type: "button", class: alone ? kind : `button ${kind}`, onclick: press, ...attributes }, label, ...more);
}
