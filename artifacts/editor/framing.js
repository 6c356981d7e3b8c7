// @ts-check
// Settings of crop and extend: pixels or percent per side, ratios in one press, crop, reset.

import { element, setAttribute, textButton } from "./elements.js";
import { croppedTo, extendedBy, extendedTo, FACTORS, fromSides, pixelsFrom, RATIOS, ratioOf, sidesOf } from "./frame.js";
import { boxOf } from "./geometry.js";
import { cutsOff } from "./sending.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */

const SIDES = /** @type {const} */ (["left", "top", "right", "bottom"]);

/** @param {Editor} editor @param {() => void} crop @returns {HTMLElement[]} */
export function frameSettings(editor, crop) {
  const inputs = SIDES.map((side) => sideInput(editor, side));
  const cropButton = textButton(t("frame.crop"), crop);
  const reset = textButton(t("frame.reset"), () => resetFrame(editor));
  editor.on(["mask", "picture"], () => {
    const { document } = editor;
    if (!document) return;
    const sides = sidesOf(document.frame, document.picture);
    SIDES.forEach((side, index) => (inputs[index].querySelector("input").value = String(sides[side])));
    cropButton.disabled = !cutsOff(document.frame, document.picture);
    reset.disabled = !document.frame;
  });
  return [
    element("div", { class: "sides", role: "group", "aria-label": t("frame.sides"), title: t("frame.sides") }, ...inputs),
    element("div", { class: "segments", role: "group", "aria-label": t("frame.factors") }, ...FACTORS.map((factor) => factorButton(editor, factor))),
    ratioSelect(editor, "frame.ratio", keepRatio),
    ratioSelect(editor, "frame.extend", (_, ratio) => ratio && place(editor, extendedTo, ratio)),
    ratioSelect(editor, "frame.cropTo", (_, ratio) => ratio && place(editor, croppedTo, ratio)),
    cropButton,
    reset,
  ];
}

/** @param {Editor} editor @param {number} factor */
function factorButton(editor, factor) {
  const label = t("frame.factor", { factor });
  const press = () => place(editor, extendedBy, factor);
  return element("button", { type: "button", class: "segment", title: label, "aria-label": label, onclick: press }, `${factor}×`);
}

/** @param {Editor} editor @param {number | null} ratio */
function keepRatio(editor, ratio) {
  editor.setTool({ ratio });
}

/** @param {Editor} editor @param {typeof extendedTo} shape @param {number} ratio */
function place(editor, shape, ratio) {
  if (!editor.document) return;
  editor.setFrame(shape(editor.document.picture, ratio));
  editor.fit();
}

/** @param {Editor} editor */
function resetFrame(editor) {
  if (!editor.document) return;
  editor.setFrame(boxOf(editor.document.picture));
  editor.fit();
}

/** @param {Editor} editor @param {typeof SIDES[number]} side */
function sideInput(editor, side) {
  const input = element("input", { type: "text", inputmode: "numeric", class: "side", maxlength: 9, onchange: () => enter() });
  const enter = () => {
    const { document } = editor;
    if (!document) return;
    const isAcross = side === "left" || side === "right";
    const pixels = pixelsFrom(input.value, isAcross ? document.picture.width : document.picture.height);
    setAttribute(input, "aria-invalid", pixels === null ? "true" : null);
    if (pixels === null) return;
    editor.setFrame(fromSides({ ...sidesOf(document.frame, document.picture), [side]: pixels }, document.picture));
    editor.fit();
  };
  return element("label", { class: "side-label" }, t(`frame.${side}`), input);
}

/** @param {Editor} editor @param {string} key @param {(editor: Editor, ratio: number | null) => void} choose */
function ratioSelect(editor, key, choose) {
  const stays = key === "frame.ratio";
  const first = element("option", { value: "" }, stays ? t("frame.free") : t(key));
  const select = element(
    "select",
    {
      class: "select small",
      "aria-label": t(key),
      title: t(key),
      onchange: () => {
        choose(editor, select.value ? ratioOf(select.value) : null);
        if (!stays) select.value = "";
      },
    },
    first,
    ...RATIOS.map((ratio) => element("option", { value: ratio }, ratio)),
  );
  return select;
}
