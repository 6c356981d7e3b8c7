// @ts-check
// What a person can do to the mask, as plain data, and how each of it changes the pixels.

import { paintStroke } from "./brush.js";
import { alike, flood } from "./flood.js";
import { boxOf, inflate, intersect } from "./geometry.js";
import { feathered, grown, shrunk } from "./morphology.js";
import { decodeRuns } from "./runs.js";
import { blend, ellipseOutline, fillOutline, limit, rectangleOutline } from "./shapes.js";

/** @import { Shape } from "./drawing.js" */
/** @import { Colours } from "./flood.js" */
/** @import { Box, Point } from "./geometry.js" */
/** @import { MaskTiles } from "./tiles.js" */
/** @typedef {{id: string, width: number, height: number}} PictureRow */
/**
 * @typedef {{kind: "stroke", size: number, hardness: number, opacity: number, erase: boolean, square?: boolean, points: number[]}
 *   | {kind: "rectangle" | "ellipse", box: Box, erase: boolean}
 *   | {kind: "outline", points: Point[], erase: boolean}
 *   | {kind: "bucket", x: number, y: number, tolerance: number, erase: boolean, opacity?: number, everywhere?: boolean}
 *   | {kind: "clear" | "fill" | "invert" | "wipe"}
 *   | {kind: "draw", drawn: Shape}
 *   | {kind: "grow" | "shrink" | "feather", radius: number}
 *   | {kind: "mask", box: Box, runs: Uint8Array, how?: Combination}
 *   | {kind: "frame", frame: Box | null}
 *   | {kind: "picture", picture: PictureRow, origin: Point | null}} Step
 *  `origin` of a picture = where its corner lay in the picture before, null when the mask cannot be kept
 */
/** @typedef {"replace" | "add" | "subtract" | "intersect"} Combination what a whole mask does to the one that is there */
/** @typedef {{tiles: MaskTiles, canvas: Box, picture: PictureRow, colours: Colours | null}} Ground what a step changes and reads */

/** @type {Record<string, (ground: Ground, step: any) => void>} */
const APPLY = {
  stroke: ({ tiles, canvas }, step) => paintStroke(tiles, canvas, step, step.points),
  rectangle: (ground, step) => paintOutline(ground, rectangleOutline(step.box), step.erase),
  ellipse: (ground, step) => paintOutline(ground, ellipseOutline(step.box), step.erase),
  outline: (ground, step) => paintOutline(ground, step.points, step.erase),
  bucket: paintBucket,
  clear: ({ tiles }) => tiles.clear(),
  fill: ({ tiles, canvas }) => tiles.change(canvas, (tile, part, left, top) => eachRow(tile, part, left, top, (row) => row.fill(255))),
  invert: ({ tiles, canvas }) =>
    tiles.change(canvas, (tile, part, left, top) =>
      eachRow(tile, part, left, top, (row) => {
        for (let at = 0; at < row.length; at++) row[at] = 255 - row[at];
      }),
    ),
  grow: (ground, step) => reshape(ground, step.radius, step.radius + 1, grown),
  shrink: (ground, step) => reshape(ground, step.radius, 1, shrunk),
  feather: (ground, step) => reshape(ground, step.radius, step.radius + 2, feathered),
  mask: combineMask,
  frame: () => {},
  draw: () => {},
  wipe: () => {},
  picture: moveMask,
};

/** Names of all steps. */
export const KINDS = Object.keys(APPLY);

/** @param {Ground} ground @param {Step} step */
export function applyStep(ground, step) {
  APPLY[step.kind](ground, step);
}

/** @param {Ground} ground @param {{picture: PictureRow, origin: Point | null}} step */
function moveMask({ tiles, canvas }, { picture, origin }) {
  if (origin && origin.x === 0 && origin.y === 0) return;
  const { box } = tiles.extent(canvas);
  const moved = box && origin && intersect({ ...box, x: box.x - origin.x, y: box.y - origin.y }, boxOf(picture));
  const values = moved && origin && tiles.read({ ...moved, x: moved.x + origin.x, y: moved.y + origin.y });
  tiles.clear();
  if (moved && values) tiles.write(moved, values);
}

/** @param {Ground} ground @param {{box: Box, runs: Uint8Array, how?: Combination}} step */
function combineMask({ tiles, canvas }, { box, runs, how = "replace" }) {
  const values = decodeRuns(runs, box.width * box.height);
  if (how === "add" || how === "subtract") return blend(tiles, box, values, how === "subtract");
  const before = how === "intersect" ? tiles.extent(canvas).box : null;
  if (before) limit(tiles, before, box, values);
  if (how === "intersect") return;
  tiles.clear();
  tiles.write(box, values);
}

/** @param {Ground} ground @param {Point[]} points @param {boolean} erase */
function paintOutline({ tiles, canvas }, points, erase) {
  const filled = fillOutline(points, canvas);
  if (filled) blend(tiles, filled.box, filled.values, erase);
}

/** @param {Ground} ground @param {{x: number, y: number, tolerance: number, erase: boolean, opacity?: number, everywhere?: boolean}} step */
function paintBucket({ tiles, canvas, picture, colours }, step) {
  if (!colours || !intersect(boxOf(picture), { x: step.x, y: step.y, width: 1, height: 1 })) return;
  const { box, values } = (step.everywhere ? alike : flood)(colours, step.x, step.y, step.tolerance);
  const inside = intersect(box, canvas);
  if (!inside) return;
  const cut = new Uint8Array(inside.width * inside.height);
  for (let y = 0; y < inside.height; y++) {
    const start = (inside.y + y - box.y) * box.width + inside.x - box.x;
    cut.set(values.subarray(start, start + inside.width), y * inside.width);
  }
  const full = Math.round(255 * (step.opacity ?? 1));
  if (full < 255) for (let at = 0; at < cut.length; at++) if (cut[at]) cut[at] = full;
  blend(tiles, inside, cut, step.erase);
}

/**
 * @param {Ground} ground @param {number} radius @param {number} reach how far beyond the mask pixels may change
 * @param {(values: Uint8Array, size: Box, radius: number) => Uint8Array} change
 */
function reshape({ tiles, canvas }, radius, reach, change) {
  const { box } = tiles.extent(canvas);
  const around = box && intersect(inflate(box, reach), canvas);
  if (around) tiles.write(around, change(tiles.read(around), around, radius));
}

/** @param {Uint8Array} tile @param {Box} part @param {number} left @param {number} top @param {(row: Uint8Array) => void} visit */
function eachRow(tile, part, left, top, visit) {
  const side = Math.sqrt(tile.length);
  for (let y = part.y; y < part.y + part.height; y++) {
    const start = (y - top) * side + part.x - left;
    visit(tile.subarray(start, start + part.width));
  }
}
