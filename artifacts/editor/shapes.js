// @ts-check
// Closed outlines to mask values, with smooth edges.

import { boxAround, intersect, whole } from "./geometry.js";
import { TILE } from "./tiles.js";

/** @import { Box, Point } from "./geometry.js" */
/** @import { MaskTiles } from "./tiles.js" */

const LINES_PER_PIXEL = 4;

/** @param {Box} box @returns {Point[]} */
export function rectangleOutline({ x, y, width, height }) {
  return [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ];
}

/** @param {Box} box @returns {Point[]} so many corners that they differ from the ellipse by less than a tenth pixel */
export function ellipseOutline({ x, y, width, height }) {
  const largest = Math.max(width, height) / 2;
  const corners = Math.max(24, Math.ceil(Math.PI / Math.acos(1 - Math.min(0.5, 0.1 / Math.max(1, largest)))));
  return Array.from({ length: corners }, (_, index) => {
    const angle = (2 * Math.PI * index) / corners;
    return { x: x + (width / 2) * (1 + Math.cos(angle)), y: y + (height / 2) * (1 + Math.sin(angle)) };
  });
}

/**
 * The values inside an outline; crossing lines fill, as a drawn lasso means it.
 * @param {Point[]} outline @param {Box} clip @returns {{box: Box, values: Uint8Array} | null}
 */
export function fillOutline(outline, clip) {
  const box = outline.length > 2 ? intersect(clip, whole(boxAround(outline))) : null;
  if (!box) return null;
  const values = new Uint8Array(box.width * box.height);
  const row = new Float32Array(box.width + 1);
  for (let y = 0; y < box.height; y++) {
    row.fill(0);
    for (let line = 0; line < LINES_PER_PIXEL; line++) {
      const height = box.y + y + (line + 0.5) / LINES_PER_PIXEL;
      for (const [start, end] of spans(outline, height)) cover(row, start - box.x, end - box.x, box.width);
    }
    for (let x = 0; x < box.width; x++) values[y * box.width + x] = Math.round((255 * row[x]) / LINES_PER_PIXEL);
  }
  return { box, values };
}

/** @param {Point[]} outline @param {number} height @returns {[number, number][]} spans with a winding other than 0 */
function spans(outline, height) {
  /** @type {{x: number, turn: number}[]} */
  const crossings = [];
  for (let index = 0, last = outline.length - 1; index < outline.length; last = index++) {
    const a = outline[last];
    const b = outline[index];
    if (a.y <= height === b.y <= height) continue;
    crossings.push({ x: a.x + ((height - a.y) / (b.y - a.y)) * (b.x - a.x), turn: a.y < b.y ? 1 : -1 });
  }
  crossings.sort((a, b) => a.x - b.x);
  /** @type {[number, number][]} */
  const found = [];
  let winding = 0;
  let start = 0;
  for (const { x, turn } of crossings) {
    if (winding === 0) start = x;
    winding += turn;
    if (winding === 0) found.push([start, x]);
  }
  return found;
}

/** @param {Float32Array} row @param {number} start @param {number} end @param {number} width */
function cover(row, start, end, width) {
  const from = Math.max(0, start);
  const to = Math.min(width, end);
  if (to <= from) return;
  const first = Math.floor(from);
  const last = Math.floor(to);
  if (first === last) {
    row[first] += to - from;
    return;
  }
  row[first] += first + 1 - from;
  for (let x = first + 1; x < last; x++) row[x] += 1;
  row[last] += to - last;
}

/**
 * Keeps of the mask in `area` only what lies within the values, which are 0 outside their own box.
 * @param {MaskTiles} tiles @param {Box} area @param {Box} box @param {Uint8Array} values
 */
export function limit(tiles, area, box, values) {
  tiles.change(area, (tile, part, left, top) => {
    for (let y = part.y; y < part.y + part.height; y++) {
      const isRow = y >= box.y && y < box.y + box.height;
      let at = (y - top) * TILE + part.x - left;
      for (let x = part.x; x < part.x + part.width; x++, at++) {
        const isInside = isRow && x >= box.x && x < box.x + box.width;
        tile[at] = isInside ? Math.min(tile[at], values[(y - box.y) * box.width + x - box.x]) : 0;
      }
    }
  });
}

/**
 * Adds values to the mask or takes them away.
 * @param {MaskTiles} tiles @param {Box} box @param {Uint8Array} values @param {boolean} erase
 */
export function blend(tiles, box, values, erase) {
  tiles.change(box, (tile, part, left, top) => {
    for (let y = part.y; y < part.y + part.height; y++) {
      let from = (y - box.y) * box.width + part.x - box.x;
      let at = (y - top) * TILE + part.x - left;
      for (let x = 0; x < part.width; x++, from++, at++) {
        if (erase) tile[at] = Math.min(tile[at], 255 - values[from]);
        else if (values[from] > tile[at]) tile[at] = values[from];
      }
    }
  });
}
