// @ts-check
// What is done to the whole mask: its buttons, and the card with its looks, earlier masks and files.

import { popUp, slider, toggle } from "./controls.js";
import { fitting, tilesOf } from "./earlier.js";
import { COLOURS } from "./editor.js";
import { element, icon, iconButton, replaceContent, setAttribute, textButton } from "./elements.js";
import { boxOf } from "./geometry.js";
import { coloured, sampled } from "./overlay.js";
import { t } from "./texts.js";

/** @import { EarlierMask } from "./earlier.js" */
/** @import { Editor } from "./editor.js" */
/** @typedef {{loadMask: () => void, chooseMask: () => void, saveMask: (channels: 1 | 4) => void}} MaskActions */

const LARGEST_RADIUS = 100;
const THUMBNAIL = 52;
const STYLES = ["colour", "negative", "checks", "solid"];
const COMBINATIONS = ["replace", "add", "subtract", "intersect"];

/** @param {Editor} editor @param {MaskActions} actions @returns {HTMLElement[]} */
export function maskButtons(editor, actions) {
  const eye = iconButton("eye", t("mask.show"), () => editor.setLooks({ hidden: !editor.looks.hidden }), { "aria-keyshortcuts": "m" });
  editor.on("looks", () => setAttribute(eye, "aria-pressed", String(!editor.looks.hidden)));
  const more = textButton(t("mask.menu"), () => {}, "subtle", {}, icon("chevron"));
  return [
    iconButton("invert", t("mask.invert"), () => editor.change("invert"), { "aria-keyshortcuts": "i", class: "wide-only" }),
    iconButton("clear", t("mask.clear"), () => editor.change("clear"), { "aria-keyshortcuts": "Delete" }),
    eye,
    popUp(more, maskCard(editor, actions)),
  ];
}

/** @param {Editor} editor @param {MaskActions} actions */
function maskCard(editor, { loadMask, chooseMask, saveMask }) {
  const plain = (/** @type {any} */ name, /** @type {string} */ kind) =>
    textButton(icon(name), () => editor.change(kind), "", {}, t(`mask.${kind}`));
  const row = (/** @type {string} */ key, /** @type {() => void} */ press) => textButton(t(key), press, "menu-row");
  return element(
    "div",
    { class: "mask-card" },
    element("div", { class: "button-row" }, plain("fill", "fill"), plain("invert", "invert"), plain("clear", "clear")),
    element("hr"),
    ...radiusControls(editor),
    element("hr"),
    looksControls(editor),
    element("hr"),
    earlierMasks(editor),
    row("mask.load", loadMask),
    row("mask.choose", chooseMask),
    combinationField(editor),
    element("hr"),
    row("mask.saveBlackWhite", () => saveMask(1)),
    row("mask.saveTransparent", () => saveMask(4)),
  );
}

/** @param {Editor} editor */
function radiusControls(editor) {
  let radius = 8;
  const amount = slider({
    label: t("mask.radius"),
    minimum: 1,
    maximum: LARGEST_RADIUS,
    unit: " px",
    curve: 2,
    change: (value) => {
      radius = value;
      amount.show(value);
    },
  });
  amount.show(radius);
  const button = (/** @type {string} */ kind) => textButton(t(`mask.${kind}`), () => editor.change(kind, radius));
  return [amount.node, element("div", { class: "button-row" }, button("grow"), button("shrink"), button("feather"))];
}

/** @param {Editor} editor */
function looksControls(editor) {
  const strength = slider({ label: t("mask.strength"), minimum: 10, maximum: 100, unit: " %", change: (value) => editor.setLooks({ strength: value / 100 }) });
  const style = labelledSelect("mask.style", STYLES, (value) => editor.setLooks({ style: /** @type {any} */ (value) }));
  const area = toggle(t("mask.area"), true, (on) => editor.setLooks({ area: on }), t("mask.area.help"));
  editor.on("looks", () => {
    strength.show(Math.round(editor.looks.strength * 100));
    style.show(editor.looks.style);
    area.show(editor.looks.area);
  });
  return element("div", { class: "looks" }, swatches(editor), strength.node, style.node, area.node);
}

/** @param {Editor} editor */
function swatches(editor) {
  const buttons = Object.entries(COLOURS).map(([name, { red, green, blue }]) => {
    const label = t(`colour.${name}`);
    const choose = () => editor.setLooks({ colour: /** @type {any} */ (name), style: "colour" });
    const button = element("button", { type: "button", class: "swatch", title: label, "aria-label": label, onclick: choose });
    button.style.background = `rgb(${red}, ${green}, ${blue})`;
    editor.on("looks", () => setAttribute(button, "aria-pressed", String(editor.looks.colour === name && editor.looks.style === "colour")));
    return button;
  });
  return element("div", { class: "swatches", role: "group", "aria-label": t("mask.colour") }, ...buttons);
}

/** @param {Editor} editor */
function combinationField(editor) {
  const field = labelledSelect("mask.combination", COMBINATIONS, (value) => editor.setTool({ combination: /** @type {any} */ (value) }));
  editor.on("tool", () => field.show(editor.combination));
  return field.node;
}

/** @param {string} key of the label; "key.value" names each value @param {string[]} values @param {(value: string) => void} choose */
function labelledSelect(key, values, choose) {
  const choices = values.map((value) => element("option", { value }, t(`${key}.${value}`)));
  const select = element("select", { class: "select small", "aria-label": t(key), onchange: () => choose(select.value) }, ...choices);
  const node = element("label", { class: "labelled" }, element("span", {}, t(key)), select);
  return { node, show: (/** @type {string} */ value) => (select.value = value) };
}

/** @param {Editor} editor the masks that fit the picture; one is shown while the pointer or the keyboard rests on it */
function earlierMasks(editor) {
  const list = element("div", { class: "earlier-list", role: "group", "aria-label": t("mask.earlier") });
  const root = element("div", { class: "earlier" }, element("span", { class: "label" }, t("mask.earlier")), list);
  editor.on(["earlier", "picture"], () => {
    const rows = editor.document ? fitting(editor.earlier, editor.document.picture) : [];
    replaceContent(list, ...rows.map((row, index) => earlierButton(editor, row, index)));
    root.hidden = rows.length === 0;
  });
  root.hidden = true;
  return root;
}

/** @param {Editor} editor @param {EarlierMask} row @param {number} index */
function earlierButton(editor, row, index) {
  const tiles = tilesOf(row);
  const label = t("mask.earlierOne", { number: index + 1 });
  const glance = () => editor.setGlance(tiles);
  const away = () => editor.setGlance(null);
  const take = () => {
    away();
    editor.apply({ kind: "mask", box: row.box, runs: row.runs, how: editor.combination });
  };
  const attributes = { type: "button", class: "earlier-mask", "aria-label": label, title: label, onclick: take };
  const listeners = { onpointerenter: glance, onfocus: glance, onpointerleave: away, onblur: away };
  return element("button", { ...attributes, ...listeners }, thumbnail(row, tiles));
}

/** @param {EarlierMask} row @param {ReturnType<typeof tilesOf>} tiles */
function thumbnail({ picture }, tiles) {
  const scale = THUMBNAIL / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = element("canvas", { width, height });
  const margin = { x: -1, y: -1, width: width + 2, height: height + 2 };
  const image = new ImageData(width, height);
  const values = sampled({ tiles, canvas: boxOf(picture), picture }, { scale, x: 0, y: 0 }, margin);
  coloured(values, margin, new Uint32Array(image.data.buffer), { ...COLOURS.rose, strength: 1, style: "solid" }, 0);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
