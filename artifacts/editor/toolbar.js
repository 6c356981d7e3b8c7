// @ts-check
// The rail of tools, and the settings of the one in use.

import { popUp, segments, slider, toggle } from "./controls.js";
import { COLOURS, LARGEST_BRUSH } from "./editor.js";
import { element, icon, iconButton, replaceContent, setAttribute, textButton } from "./elements.js";
import { frameSettings } from "./framing.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */

/** @type {{id: string, icon: any, key: string}[]} */
export const TOOLS = [
  { id: "brush", icon: "brush", key: "b" },
  { id: "eraser", icon: "eraser", key: "e" },
  { id: "rectangle", icon: "rectangle", key: "r" },
  { id: "ellipse", icon: "ellipse", key: "o" },
  { id: "lasso", icon: "lasso", key: "l" },
  { id: "polygon", icon: "polygon", key: "p" },
  { id: "bucket", icon: "bucket", key: "g" },
  { id: "frame", icon: "frame", key: "c" },
  { id: "hand", icon: "hand", key: "h" },
];

const LARGEST_RADIUS = 100;

/** @param {Editor} editor @returns {HTMLElement} */
export function rail(editor) {
  const buttons = TOOLS.map(({ id, icon: name, key }) =>
    iconButton(name, `${t(`tool.${id}`)} (${key.toUpperCase()})`, (event) => {
      editor.choose(id);
      // Pressed by a pointer: the next Space shall move the picture.
      if (event.detail) event.currentTarget.blur();
    }, {
      class: "tool",
      "aria-keyshortcuts": key,
      "data-tool": id,
    }),
  );
  editor.on("tool", () => {
    TOOLS.forEach(({ id }, index) => setAttribute(buttons[index], "aria-pressed", String(editor.tool === id)));
  });
  return element("nav", { class: "rail", "aria-label": t("tools") }, ...buttons);
}

/** @param {Editor} editor @param {{crop: () => void, loadMask: () => void, saveMask: (channels: 1 | 4) => void}} actions @returns {HTMLElement} */
export function toolSettings(editor, actions) {
  const settings = element("div", { class: "tool-settings", role: "group", "aria-label": t("tools.settings") });
  const parts = settingParts(editor, actions.crop);
  const bar = element("div", { class: "tool-bar" }, settings, element("div", { class: "group" }, ...maskButtons(editor, actions)));
  let shown = "";
  editor.on("tool", () => {
    if (shown !== editor.tool) replaceContent(settings, ...parts.nodes[editor.tool]);
    shown = editor.tool;
    parts.show();
  });
  return bar;
}

/** @param {Editor} editor @param {() => void} crop */
function settingParts(editor, crop) {
  const size = slider({ label: t("setting.size"), minimum: 1, maximum: LARGEST_BRUSH, unit: " px", curve: 2, change: (value) => editor.setBrush({ size: value }) });
  const hardness = slider({ label: t("setting.hardness"), minimum: 0, maximum: 100, unit: " %", change: (value) => editor.setBrush({ hardness: value / 100 }) });
  const opacity = slider({ label: t("setting.opacity"), minimum: 5, maximum: 100, unit: " %", change: (value) => editor.setBrush({ opacity: value / 100 }) });
  const tolerance = slider({ label: t("setting.tolerance"), minimum: 0, maximum: 255, change: (value) => editor.setTool({ tolerance: value }) });
  const choices = [{ value: false, label: t("setting.add") }, { value: true, label: t("setting.subtract") }];
  const mode = segments(t("setting.mode"), choices, (subtract) => editor.setTool({ subtract }));
  const brush = [size.node, hardness.node, opacity.node];
  const hint = (/** @type {string} */ key) => element("span", { class: "hint" }, t(key));
  /** @type {Record<string, HTMLElement[]>} */
  const nodes = {
    brush,
    eraser: brush,
    rectangle: [mode.node],
    ellipse: [mode.node],
    lasso: [mode.node],
    polygon: [mode.node, hint("setting.polygon")],
    bucket: [mode.node, tolerance.node],
    frame: frameSettings(editor, crop),
    hand: [hint("setting.hand")],
  };
  const show = () => {
    size.show(editor.brush.size);
    hardness.show(Math.round(editor.brush.hardness * 100));
    opacity.show(Math.round(editor.brush.opacity * 100));
    tolerance.show(editor.tolerance);
    mode.show(editor.subtract);
  };
  return { nodes, show };
}

/** @param {Editor} editor @param {{loadMask: () => void, saveMask: (channels: 1 | 4) => void}} actions */
function maskButtons(editor, actions) {
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

/** @param {Editor} editor @param {{loadMask: () => void, saveMask: (channels: 1 | 4) => void}} actions */
function maskCard(editor, { loadMask, saveMask }) {
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
  const radiusButton = (/** @type {string} */ kind) =>
    textButton(t(`mask.${kind}`), () => editor.change(kind, radius));
  const plain = (/** @type {any} */ name, /** @type {string} */ kind) =>
    textButton(icon(name), () => editor.change(kind), "", {}, t(`mask.${kind}`));
  const row = (/** @type {string} */ key, /** @type {() => void} */ press) => textButton(t(key), press, "menu-row");
  return element(
    "div",
    { class: "mask-card" },
    element("div", { class: "button-row" }, plain("fill", "fill"), plain("invert", "invert"), plain("clear", "clear")),
    element("hr"),
    amount.node,
    element("div", { class: "button-row" }, radiusButton("grow"), radiusButton("shrink"), radiusButton("feather")),
    element("hr"),
    looksControls(editor),
    element("hr"),
    row("mask.load", loadMask),
    row("mask.saveBlackWhite", () => saveMask(1)),
    row("mask.saveTransparent", () => saveMask(4)),
  );
}

/** @param {Editor} editor */
function looksControls(editor) {
  const swatches = Object.entries(COLOURS).map(([name, { red, green, blue }]) => {
    const button = element("button", {
      type: "button",
      class: "swatch",
      title: t(`colour.${name}`),
      "aria-label": t(`colour.${name}`),
      onclick: () => editor.setLooks({ colour: /** @type {any} */ (name) }),
    });
    button.style.background = `rgb(${red}, ${green}, ${blue})`;
    editor.on("looks", () => setAttribute(button, "aria-pressed", String(editor.looks.colour === name)));
    return button;
  });
  const strength = slider({ label: t("mask.strength"), minimum: 10, maximum: 100, unit: " %", change: (value) => editor.setLooks({ strength: value / 100 }) });
  const solid = toggle(t("mask.solid"), false, (on) => editor.setLooks({ solid: on }));
  editor.on("looks", () => {
    strength.show(Math.round(editor.looks.strength * 100));
    solid.show(editor.looks.solid);
  });
  return element(
    "div",
    { class: "looks" },
    element("div", { class: "swatches", role: "group", "aria-label": t("mask.colour") }, ...swatches),
    strength.node,
    solid.node,
  );
}
