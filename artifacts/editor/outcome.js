// @ts-check
// What is kept of the picture and how the result is stored: protection, format, seam, and what gets lost on the way.

import { segments, toggle } from "./controls.js";
import { bitsPerChannel } from "./depth.js";
import { element, icon, replaceContent, setAttribute } from "./elements.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { Session } from "./session.js" */

const FORMATS = [
  { value: "png", label: "PNG" },
  { value: "jpeg", label: "JPEG" },
  { value: "webp", label: "WebP" },
];
const WIDEST_SEAM = 64;
const SEAM_STEP = 4;

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} */
export function outcomeFields(editor, session) {
  return element("section", { class: "outcome" }, protectField(editor, session), depthWarning(editor), formatField(editor, session), seamField(editor, session));
}

/** @param {Session} session */
const isProtected = (session) => session.wishes.protect && !session.mode.whole;

/** @param {Editor} editor @param {Session} session */
function protectField(editor, session) {
  const protect = toggle(t("protect"), true, (on) => session.wish({ protect: on }), t("protect.help"));
  const whole = element("p", { class: "quiet" }, t("protect.whole"));
  editor.on("request", () => {
    protect.show(session.wishes.protect);
    protect.node.hidden = !!session.mode.whole;
    whole.hidden = !session.mode.whole;
  });
  return element("div", { class: "protect" }, protect.node, whole);
}

/** @param {Editor} editor */
function depthWarning(editor) {
  const warning = element("p", { class: "deep-colours", hidden: true }, icon("warning"), t("depth.warning"));
  editor.on("picture", async () => {
    const { picture } = editor;
    const bits = picture ? await bitsPerChannel(picture.file.data) : 8;
    if (editor.picture === picture) warning.hidden = bits === 8;
  });
  return warning;
}

/** @param {Editor} editor @param {Session} session */
function formatField(editor, session) {
  const format = segments(t("format"), FORMATS, (value) => session.wish({ format: value }));
  const why = element("p", { class: "quiet" });
  const show = () => {
    const { model, wishes } = session;
    const kept = isProtected(session);
    const offered = model?.formats || [];
    const wished = offered.includes(wishes.format) ? wishes.format : model?.format || "";
    format.show(kept ? "png" : wished, (value) => (kept ? value === "png" : offered.includes(value)));
    replaceContent(why, t(kept ? "format.protected" : wished === "png" ? "format.lossless" : "format.lossy"));
  };
  editor.on(["request", "models"], show);
  show();
  return element("div", { class: "field" }, element("span", { class: "label" }, t("format")), format.node, why);
}

/** @param {Editor} editor @param {Session} session */
function seamField(editor, session) {
  const input = element("input", {
    id: "seam",
    type: "number",
    class: "input",
    min: 0,
    max: WIDEST_SEAM,
    step: SEAM_STEP,
    placeholder: t("seam.automatic"),
    "aria-describedby": "seam-help",
    oninput: () => {
      const value = Number(input.value);
      const isFine = !input.validity.badInput && Number.isInteger(value) && value >= 0 && value <= WIDEST_SEAM;
      setAttribute(input, "aria-invalid", isFine ? null : "true");
      if (isFine) session.wish({ seam: input.value === "" ? null : value });
    },
  });
  const help = element("small", { id: "seam-help" }, t("seam.help"));
  const root = element("div", { class: "field seam" }, element("label", { for: "seam", class: "label" }, t("seam")), input, help);
  const show = () => {
    const { seam } = session.wishes;
    if (input.value !== String(seam ?? "") && !input.matches(":focus")) input.value = String(seam ?? "");
    root.hidden = !isProtected(session);
  };
  editor.on(["request", "models"], show);
  show();
  return root;
}
