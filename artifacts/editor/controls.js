// @ts-check
// Small controls that several parts of the page use: sliders, choices, pop-up cards.

import { element, setAttribute } from "./elements.js";

/**
 * @param {{label: string, minimum: number, maximum: number, step?: number, unit?: string, curve?: number, change: (value: number) => void}} about
 *  `curve` above 1 gives small values more room
 */
export function slider({ label, minimum, maximum, step = 1, unit = "", curve = 1, change }) {
  const places = 1000;
  const output = element("output", { class: "slider-value" });
  const input = element("input", { type: "range", min: 0, max: places, step: 1, "aria-label": label });
  const valueAt = () => {
    const value = minimum + (maximum - minimum) * (Number(input.value) / places) ** curve;
    return Math.round(value / step) * step;
  };
  input.addEventListener("input", () => change(valueAt()));
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    change(Math.min(maximum, Math.max(minimum, input.shown + direction * step)));
  });
  const node = element("label", { class: "slider" }, element("span", { class: "slider-label" }, label), input, output);
  /** @param {number} value */
  const show = (value) => {
    input.shown = value;
    const share = ((value - minimum) / (maximum - minimum)) ** (1 / curve);
    input.value = String(Math.round(share * places));
    input.style.setProperty("--share", `${Math.min(100, Math.max(0, share * 100))}%`);
    setAttribute(input, "aria-valuetext", `${value}${unit}`);
    output.textContent = `${Math.round(value * 100) / 100}${unit}`;
  };
  return { node, show };
}

/**
 * Some buttons of which one is pressed.
 * @param {string} label @param {{value: any, label: string, title?: string}[]} choices @param {(value: any) => void} change
 */
export function segments(label, choices, change) {
  const buttons = choices.map(({ value, label: text, title }) =>
    element("button", { type: "button", class: "segment", title, onclick: () => change(value) }, text),
  );
  const node = element("div", { class: "segments", role: "group", "aria-label": label }, ...buttons);
  /** @param {any} value @param {(value: any) => boolean} [possible] */
  const show = (value, possible = () => true) => {
    choices.forEach((choice, index) => {
      setAttribute(buttons[index], "aria-pressed", String(choice.value === value));
      buttons[index].disabled = !possible(choice.value);
    });
  };
  return { node, show };
}

/**
 * A card that opens below its button and closes with Escape or a press elsewhere.
 * @param {HTMLElement} button @param {HTMLElement} card @returns {HTMLElement}
 */
export function popUp(button, card) {
  const root = element("div", { class: "pop-up" }, button, card);
  card.classList.add("card");
  card.hidden = true;
  setAttribute(button, "aria-expanded", "false");
  /** @param {boolean} open */
  const turn = (open) => {
    card.hidden = !open;
    setAttribute(button, "aria-expanded", String(open));
    if (open) /** @type {HTMLElement | null} */ (card.querySelector("button, input"))?.focus();
  };
  button.addEventListener("click", () => turn(Boolean(card.hidden)));
  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || card.hidden) return;
    event.stopPropagation();
    turn(false);
    button.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!card.hidden && !root.contains(/** @type {Node} */ (event.target))) turn(false);
  });
  root.addEventListener("close-card", () => turn(false));
  return root;
}

/** @param {string} label @param {boolean} value @param {(value: boolean) => void} change @param {string} [help] */
export function toggle(label, value, change, help) {
  const input = element("input", { type: "checkbox", role: "switch", class: "switch", onchange: () => change(input.checked) });
  input.checked = value;
  const node = element(
    "label",
    { class: "toggle" },
    element("span", { class: "toggle-text" }, label, help && element("small", {}, help)),
    input,
  );
  return { node, show: (/** @type {boolean} */ on) => (input.checked = on) };
}
