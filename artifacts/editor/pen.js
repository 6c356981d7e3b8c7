// @ts-check
// Drawing over the picture: what a press means for each shape, the settings of the tool, and the file that is sent.

import { segments, slider } from "./controls.js";
import { CallFailed } from "./bridge.js";
import { drawnBox, LONGEST_WORDS, nextNumber, PALETTE, paintShapes } from "./drawing.js";
import { element, setAttribute, textButton } from "./elements.js";
import { boxOf, intersect, union } from "./geometry.js";
import { toBase64 } from "./png.js";
import { encodeRuns } from "./runs.js";
import { LARGEST_MASK } from "./sending.js";
import { t } from "./texts.js";

/** @import { MaskDocument } from "./document.js" */
/** @import { Shape } from "./drawing.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Box } from "./geometry.js" */
/** @import { Session } from "./session.js" */
/** @import { Touch } from "./tools.js" */

const WAYS = ["pen", "arrow", "box", "text", "marker", "pick"];
/** Picture pixels between two points of a line, in parts of its width. */
const STEP = 4;

export class PenTool {
  /** @param {Editor} editor @param {Session} session */
  constructor(editor, session) {
    this.editor = editor;
    this.session = session;
  }

  /** @param {Touch} touch */
  down({ point }) {
    const { sketch, document } = this.editor;
    if (!document || (sketch.way === "text" && !sketch.words.trim())) return this.editor.say({ kind: "info", text: t("draw.wordsFirst") });
    if (sketch.way === "pick") return this.pick(point.x, point.y);
    const text = sketch.way === "text" ? sketch.words.trim() : sketch.way === "marker" ? nextNumber(document.drawing) : "";
    const twice = ["arrow", "box"].includes(sketch.way);
    const points = [point, ...(twice ? [point] : [])].flatMap(({ x, y }) => [rounded(x), rounded(y)]);
    this.show({ shape: sketch.way, colour: sketch.colour, size: sketch.size, points, text });
  }

  /** @param {Touch[]} touches */
  move(touches) {
    const { pending } = this.editor;
    if (!pending) return;
    for (const { point } of touches) {
      const { points, shape, size } = pending;
      const to = [rounded(point.x), rounded(point.y)];
      if (shape !== "pen") points.splice(-2, 2, ...to);
      else if (Math.hypot(points[points.length - 2] - to[0], points[points.length - 1] - to[1]) >= size / STEP) points.push(...to);
    }
    this.show(pending);
  }

  up() {
    const { pending } = this.editor;
    this.show(null);
    if (pending) this.editor.apply({ kind: "draw", drawn: pending });
  }

  cancel() {
    this.show(null);
  }

  /** @param {Shape | null} pending drawn while the pointer is down */
  show(pending) {
    this.editor.pending = pending;
    this.editor.tell("sketch");
  }

  /** @param {number} x @param {number} y takes the colour there for the pen, and its code into the words */
  pick(x, y) {
    const { picture } = this.editor;
    const box = picture && intersect(boxOf(picture), { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 });
    if (!picture || !box) return;
    const colour = `#${[...picture.pixels(box).data.slice(0, 3)].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
    const { prompt } = this.session.wishes;
    this.editor.setSketch({ colour });
    this.session.wish({ prompt: `${prompt}${prompt && !prompt.endsWith(" ") ? " " : ""}${colour}` });
    this.editor.say({ kind: "info", text: t("draw.picked", { colour }) });
  }
}

/** @param {Editor} editor @returns {HTMLElement[]} */
export function penSettings(editor) {
  const ways = segments(t("draw.way"), WAYS.map((value) => ({ value, label: t(`draw.${value}`), title: t(`draw.${value}.help`) })), (way) => editor.setSketch({ way }));
  const size = slider({ label: t("setting.size"), minimum: 1, maximum: 100, unit: " px", curve: 2, change: (value) => editor.setSketch({ size: value }) });
  const own = element("input", { type: "color", class: "swatch own", "aria-label": t("draw.own"), title: t("draw.own"), oninput: () => editor.setSketch({ colour: own.value }) });
  const swatches = PALETTE.map((colour) => {
    const button = element("button", { type: "button", class: "swatch", title: colour, "aria-label": colour, onclick: () => editor.setSketch({ colour }) });
    button.style.background = colour;
    return button;
  });
  const words = element("input", { type: "text", class: "input", maxlength: LONGEST_WORDS, placeholder: t("draw.words"), "aria-label": t("draw.words"), oninput: () => editor.setSketch({ words: words.value }) });
  const wipe = textButton(t("draw.wipe"), () => editor.change("wipe"), "subtle");
  const mark = textButton(t("draw.mark"), () => markDrawn(editor), "subtle");
  const hint = element("span", { class: "hint" });
  const show = () => {
    const { way, colour } = editor.sketch;
    ways.show(way);
    size.show(editor.sketch.size);
    own.value = colour;
    swatches.forEach((button, at) => setAttribute(button, "aria-pressed", String(PALETTE[at] === colour)));
    words.hidden = way !== "text";
    size.node.hidden = way === "pick";
    wipe.disabled = mark.disabled = !editor.document?.drawing.length;
    hint.textContent = t(`draw.${way}.help`);
  };
  editor.on(["tool", "mask", "picture"], show);
  return [
    element("div", { class: "ways" }, ways.node),
    element("div", { class: "swatches", role: "group", "aria-label": t("draw.colour") }, ...swatches, own),
    size.node,
    words,
    element("div", { class: "group" }, mark, wipe),
    hint,
  ];
}

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} which of the chosen models get the drawing */
export function drawingNote(editor, session) {
  const node = element("p", { class: "quiet drawing-note", role: "status", hidden: true });
  editor.on(["mask", "picture", "request", "models"], () => {
    const without = session.chosen.filter(({ markup = "none" }) => markup === "none").map(({ label }) => label);
    node.hidden = !editor.document?.drawing.length || !session.model;
    node.textContent = without.length ? t("draw.notSent", { labels: without.join(", ") }) : t("draw.sent");
  });
  return node;
}

/** @param {MaskDocument} document @param {Box | null} box around the mask @returns {Box | null} around mask and drawing */
export function shownBox(document, box) {
  const drawn = drawnBox(document.drawing, document.canvas);
  return drawn ? union(box, drawn) : box;
}

/** @param {MaskDocument} document @param {Box} place @returns {Promise<string>} base64 PNG of what is drawn there, "" for nothing @throws {CallFailed} too large to send */
export async function drawingText(document, { x, y, width, height }) {
  if (!drawnBox(document.drawing, { x, y, width, height })) return "";
  const { canvas } = sheet(document, { x, y, width, height });
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob || blob.size > LARGEST_MASK) throw new CallFailed(t("reason.drawingTooLarge"));
  return toBase64(new Uint8Array(await blob.arrayBuffer()));
}

/** @param {MaskDocument} document @param {Box} place @returns {any} context of a canvas of its size with the drawing alone */
function sheet(document, { x, y, width, height }) {
  const context = element("canvas", { width, height }).getContext("2d");
  context.translate(-x, -y);
  paintShapes(context, document.drawing);
  return context;
}

/** @param {Editor} editor adds what is drawn to the mask: a sketch says where and what at once */
function markDrawn(editor) {
  const { document } = editor;
  const box = document && drawnBox(document.drawing, boxOf(document.picture));
  if (!document || !box) return;
  const { data } = sheet(document, box).getImageData(0, 0, box.width, box.height);
  const values = Uint8Array.from({ length: data.length / 4 }, (_, at) => data[4 * at + 3]);
  editor.apply({ kind: "mask", box, runs: encodeRuns(values), how: "add" });
}

/** @param {number} value @returns {number} to a tenth of a pixel */
function rounded(value) {
  return Math.round(value * 10) / 10;
}
