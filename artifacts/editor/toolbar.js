// @ts-check
// The rail of tools, and the settings of the one in use.

import { popUp, segments, slider } from "./controls.js";
import { LARGEST_BRUSH } from "./editor.js";
import { element, icon, iconButton, replaceContent, setAttribute, textButton } from "./elements.js";
import { frameSettings } from "./framing.js";
import { maskButtons } from "./maskmenu.js";
import { penSettings } from "./pen.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { MaskActions } from "./maskmenu.js" */

/** @type {{id: string, icon: any, key: string}[]} */
export const TOOLS = [
  { id: "brush", icon: "brush", key: "b" },
  { id: "eraser", icon: "eraser", key: "e" },
  { id: "rectangle", icon: "rectangle", key: "r" },
  { id: "ellipse", icon: "ellipse", key: "o" },
  { id: "lasso", icon: "lasso", key: "l" },
  { id: "polygon", icon: "polygon", key: "p" },
  { id: "bucket", icon: "bucket", key: "g" },
  { id: "subject", icon: "subject", key: "s" },
  { id: "draw", icon: "draw", key: "w" },
  { id: "frame", icon: "frame", key: "c" },
  { id: "hand", icon: "hand", key: "h" },
];

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

/** @param {Editor} editor @param {MaskActions & {crop: () => void}} actions @returns {HTMLElement} */
export function toolSettings(editor, actions) {
  const settings = element("div", { class: "tool-settings", role: "group", "aria-label": t("tools.settings") });
  const parts = settingParts(editor, actions.crop);
  const bar = element("div", { class: "tool-bar" }, settings, element("div", { class: "group" }, ...maskButtons(editor, actions)));
  let shown = "";
  editor.on("tool", () => {
    if (shown !== editor.tool) {
      replaceContent(settings, ...parts.nodes[editor.tool]);
      settings.scrollLeft = 0;
    }
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
  const fillOpacity = slider({ label: t("setting.opacity"), minimum: 5, maximum: 100, unit: " %", change: (value) => editor.setTool({ fillOpacity: value / 100 }) });
  const reaches = [{ value: false, label: t("setting.connected") }, { value: true, label: t("setting.everywhere") }];
  const reach = segments(t("setting.reach"), reaches, (everywhere) => editor.setTool({ everywhere }));
  const choices = [{ value: false, label: t("setting.add") }, { value: true, label: t("setting.subtract") }];
  const mode = segments(t("setting.mode"), choices, (subtract) => editor.setTool({ subtract }));
  const brush = [size.node, hardness.node, brushMore(editor, opacity.node)];
  const hint = (/** @type {string} */ key) => element("span", { class: "hint" }, t(key));
  /** @type {Record<string, HTMLElement[]>} */
  const nodes = {
    brush,
    eraser: brush,
    rectangle: [mode.node],
    ellipse: [mode.node],
    lasso: [mode.node],
    polygon: [mode.node, hint("setting.polygon")],
    bucket: [mode.node, reach.node, tolerance.node, fillOpacity.node],
    subject: subjectSettings(editor, mode.node),
    draw: penSettings(editor),
    frame: frameSettings(editor, crop),
    hand: [hint("setting.hand")],
  };
  const show = () => {
    size.show(editor.brush.size);
    hardness.show(Math.round(editor.brush.hardness * 100));
    opacity.show(Math.round(editor.brush.opacity * 100));
    tolerance.show(editor.tolerance);
    fillOpacity.show(Math.round(editor.fillOpacity * 100));
    reach.show(editor.everywhere);
    mode.show(editor.subtract);
  };
  return { nodes, show };
}

/** @param {Editor} editor @param {HTMLElement} opacity @returns {HTMLElement} what is seldom changed of the brush */
function brushMore(editor, opacity) {
  const tips = [{ value: false, label: t("setting.round") }, { value: true, label: t("setting.square") }];
  const tip = segments(t("setting.tip"), tips, (square) => editor.setBrush({ square }));
  const smoothing = slider({ label: t("setting.smoothing"), minimum: 0, maximum: 100, unit: " %", change: (value) => editor.setTool({ smoothing: value / 100 }) });
  editor.on("tool", () => {
    tip.show(editor.brush.square);
    smoothing.show(Math.round(editor.smoothing * 100));
  });
  const card = element("div", { class: "start" }, opacity, smoothing.node, tip.node);
  return popUp(textButton(t("setting.more"), () => {}, "subtle", {}, icon("chevron")), card);
}

/** @param {Editor} editor @param {HTMLElement} mode @returns {HTMLElement[]} */
function subjectSettings(editor, mode) {
  const choices = /** @type {const} */ (["frame", "include", "exclude"]).map((value) => ({ value, label: t(`subject.${value}`), title: t(`subject.${value}.help`) }));
  const meaning = segments(t("subject.mode"), choices, (subjectMode) => editor.setTool({ subjectMode }));
  const hint = element("span", { class: "hint" });
  editor.on("tool", () => {
    const current = editor.canRefine ? editor.subjectMode : "frame";
    meaning.show(current, (value) => value === "frame" || editor.canRefine);
    hint.textContent = t(`subject.${current}.help`);
  });
  return [mode, element("div", { class: "wide-segments" }, meaning.node), hint];
}
