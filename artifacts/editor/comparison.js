// @ts-check
// A result beside the picture before, or beside another result: wiped over it, side by side, or as a map of what changed.

import { drawing } from "./elements.js";
import { boxOf } from "./geometry.js";
import { halves, shiftTo } from "./halves.js";
import { heatMap } from "./heat.js";
import { boxToScreen } from "./view.js";

/** @import { Editor } from "./editor.js" */
/** @import { Box, Size } from "./geometry.js" */
/** @import { LoadedPicture } from "./picture.js" */
/** @import { View } from "./view.js" */
/** @typedef {{picture: LoadedPicture, place: Box}} Placed `place` in pixels of the picture that is edited */
/**
 * @typedef {{before: Placed | null, after: Placed, inner: Placed | null, names: [string, string], share: number, held: boolean}} Comparison
 *  `before` = null for the picture that is edited; `inner` = what of an extended result lies on the picture; the wipe's line stands at `share`
 */

/** Pixels of the heat map; beyond it, it is coarser than the screen. */
const HEAT_PIXELS = 2_400_000;

/**
 * Draws over the picture that is edited.
 * @param {CanvasRenderingContext2D} context @param {Editor} editor @param {View} view in device pixels
 * @param {(context: CanvasRenderingContext2D, box: Box) => void} ground draws what transparent parts stand on
 */
export function drawComparison(context, editor, view, ground) {
  const { comparison, picture } = editor;
  if (!comparison || !picture) return;
  const before = comparison.before || { picture, place: boxOf(picture) };
  const paint = { context, view, seen: boxOf(context.canvas), ground };
  if (comparison.held) return comparison.before ? place(paint, before) : undefined;
  if (editor.comparing === "sides") return drawSides(paint, before, comparison.after);
  if (editor.comparing === "heat") return editor.tell("heat", drawHeat(paint, before, comparison));
  if (comparison.before) place(paint, before);
  const box = boxToScreen(view, comparison.after.place);
  const { share } = comparison;
  within(context, { ...box, x: box.x + box.width * share, width: box.width * (1 - share) }, () => place(paint, comparison.after));
}

/** @typedef {{context: CanvasRenderingContext2D, view: View, seen: Box, ground: (context: CanvasRenderingContext2D, box: Box) => void}} Paint */

/** @param {Paint} paint @param {Placed} placed */
function place({ context, view, seen, ground }, { picture, place: where }) {
  const box = boxToScreen(view, where);
  context.clearRect(box.x, box.y, box.width, box.height);
  ground(context, box);
  picture.draw(context, view, seen, where);
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {() => void} draw */
function within(context, box, draw) {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  draw();
  context.restore();
}

/** @param {Paint} paint @param {Placed} before @param {Placed} after */
function drawSides(paint, before, after) {
  const { context, view, seen } = paint;
  context.clearRect(0, 0, seen.width, seen.height);
  halves(seen).forEach((half, index) => {
    const shift = shiftTo(half, seen);
    const shifted = { ...paint, view: { ...view, x: view.x + shift.x, y: view.y + shift.y } };
    within(context, half, () => place(shifted, index ? after : before));
  });
}

/** @param {Paint} paint @param {Placed} before @param {Comparison} comparison @returns {{changed: number, seen: number}} pixels of the screen */
function drawHeat(paint, before, { after, inner }) {
  const { context, seen } = paint;
  place(paint, after);
  const ratio = Math.min(1, Math.sqrt(HEAT_PIXELS / (seen.width * seen.height)));
  const [first, second] = [before, inner || after].map((placed) => plain(placed, paint.view, seen, ratio));
  const size = /** @type {const} */ ([0, 0, first.canvas.width, first.canvas.height]);
  const map = second.getImageData(...size);
  const found = heatMap(first.getImageData(...size).data, map.data);
  second.putImageData(map, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(second.canvas, 0, 0, seen.width, seen.height);
  return found;
}

/** @param {Placed} placed @param {View} view @param {Box} seen @param {number} ratio @returns {CanvasRenderingContext2D} the picture alone */
function plain({ picture, place: where }, view, seen, ratio) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(seen.width * ratio);
  canvas.height = Math.round(seen.height * ratio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  picture.draw(context, { scale: view.scale * ratio, x: view.x * ratio, y: view.y * ratio }, boxOf(canvas), where);
  return context;
}

/** @param {Editor} editor @returns {SVGElement[]} line and names over the pictures */
export function comparisonGuides(editor) {
  const { comparison, comparing, screen, view } = editor;
  if (!comparison || comparison.held) return [];
  if (comparing === "sides") return sidesGuides(comparison, screen);
  return comparing === "wipe" ? wipeGuides(comparison, boxToScreen(view, comparison.after.place), screen) : [];
}

/** @param {Comparison} comparison @param {Box} box @param {Size} screen */
function wipeGuides({ share, names }, box, screen) {
  const x = box.x + box.width * share;
  const middle = Math.min(Math.max(box.y + box.height / 2, 40), screen.height - 40);
  const top = Math.max(box.y, 0) + 22;
  return [
    drawing("line", { x1: x, x2: x, y1: box.y, y2: box.y + box.height, class: "wipe-line" }),
    drawing("circle", { cx: x, cy: middle, r: 18, class: "wipe-knob" }),
    drawing("path", { d: `M${x - 4} ${middle - 5}l-5 5 5 5M${x + 4} ${middle - 5}l5 5-5 5`, class: "wipe-arrows" }),
    drawing("text", { x: x - 10, y: top, class: "side-name left" }, names[0]),
    drawing("text", { x: x + 10, y: top, class: "side-name right" }, names[1]),
  ];
}

/** @param {Comparison} comparison @param {Size} screen */
function sidesGuides({ names }, screen) {
  const [, second] = halves(screen);
  return [
    drawing("path", { d: second.x ? `M${second.x} 0v${screen.height}` : `M0 ${second.y}h${screen.width}`, class: "wipe-line" }),
    ...halves(screen).map((half, index) => drawing("text", { x: half.x + 12, y: half.y + 24, class: "side-name right" }, names[index])),
  ];
}

/** @param {Placed} before @param {Placed} after @returns {Promise<Placed | null>} of an extended result what lies on the picture, pixel by pixel; null when it is no larger */
export async function innerPart(before, after) {
  const { place: around, picture } = after;
  const { place: box } = before;
  const isLarger = picture.width === around.width && picture.height === around.height && (around.width > box.width || around.height > box.height);
  return isLarger ? { picture: await picture.part({ ...box, x: box.x - around.x, y: box.y - around.y }), place: box } : null;
}
