// @ts-check
// The mask as the eye sees it: colour over the picture and a moving line around it, at the screen's own resolution.

import { TILE } from "./tiles.js";

/** @import { Box, Size } from "./geometry.js" */
/** @import { MaskTiles } from "./tiles.js" */
/** @typedef {"colour" | "negative" | "checks" | "solid"} Style negative = the picture inverted under it; solid = the mask itself, black and white */
/** @typedef {{red: number, green: number, blue: number, strength: number, style: Style}} Paint strength 0 to 1 */
/** @typedef {{tiles: MaskTiles, canvas: Box, picture: Size}} Source */

const DASH = 4;
/** Side of a square of the checkerboard that takes the mask's place, in the overlay's pixels. */
const CHECK = 8;
const CHECKS = [0xf4f4f5, 0xd8d4d4];
const DARK = 0xff000000;
const LIGHT = 0xffffffff;

/**
 * Mask values under the screen's pixels.
 * @param {Source} source @param {{scale: number, x: number, y: number}} view in the overlay's own pixels @param {Box} part of the overlay
 * @returns {Uint8Array}
 */
export function sampled({ tiles, canvas, picture }, view, part) {
  const values = new Uint8Array(part.width * part.height);
  const columns = new Int32Array(part.width);
  for (let x = 0; x < part.width; x++) columns[x] = Math.floor((part.x + x + 0.5 - view.x) / view.scale);
  const right = canvas.x + canvas.width;
  for (let y = 0; y < part.height; y++) {
    const pictureY = Math.floor((part.y + y + 0.5 - view.y) / view.scale);
    if (pictureY < canvas.y || pictureY >= canvas.y + canvas.height) continue;
    const row = Math.floor(pictureY / TILE);
    const start = (pictureY - row * TILE) * TILE;
    const rowOutside = pictureY < 0 || pictureY >= picture.height;
    let column = NaN;
    /** @type {Uint8Array | undefined} */
    let tile;
    for (let x = 0, at = y * part.width; x < part.width; x++, at++) {
      const pictureX = columns[x];
      if (pictureX < canvas.x || pictureX >= right) continue;
      if (rowOutside || pictureX < 0 || pictureX >= picture.width) {
        values[at] = 255;
        continue;
      }
      const wanted = (pictureX / TILE) | 0;
      if (wanted !== column) {
        column = wanted;
        tile = tiles.tile(column, row);
      }
      if (tile) values[at] = tile[start + pictureX - column * TILE];
    }
  }
  return values;
}

/**
 * Colours a part of the overlay; the outermost ring of `values` only tells where the edge is.
 * @param {Uint8Array} values of `part` @param {Box} part with a margin of one pixel @param {Uint32Array} pixels ABGR of the part without margin
 * @param {Paint} paint @param {number} phase of the moving line
 */
export function coloured(values, part, pixels, paint, phase) {
  const width = part.width - 2;
  const tint = tints(paint);
  const isChecked = paint.style === "checks";
  for (let y = 0; y < part.height - 2; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y + 1) * part.width + x + 1;
      const value = values[at];
      pixels[y * width + x] = isChecked ? checked(part.x + x, part.y + y, value) : tint[value];
      if (value < 128) continue;
      const isEdge =
        values[at - 1] < 128 || values[at + 1] < 128 || values[at - part.width] < 128 || values[at + part.width] < 128;
      if (isEdge) pixels[y * width + x] = isDark(part.x + x, part.y + y, phase) ? DARK : LIGHT;
    }
  }
}

/** @param {number} x @param {number} y @param {number} phase */
function isDark(x, y, phase) {
  return ((x + y + phase) & (2 * DASH - 1)) < DASH;
}

/** @param {number} x @param {number} y @param {number} value */
function checked(x, y, value) {
  return ((value << 24) | CHECKS[((x / CHECK) ^ (y / CHECK)) & 1]) >>> 0;
}

/** @param {Paint} paint @returns {Uint32Array} the pixel for each mask value, as little-endian RGBA */
function tints({ red, green, blue, strength, style }) {
  return Uint32Array.from({ length: 256 }, (_, value) => {
    if (style === "solid") return (0xff000000 | (value << 16) | (value << 8) | value) >>> 0;
    // White, laid over as a difference, turns every colour into its opposite.
    if (style === "negative") return ((value << 24) | 0xffffff) >>> 0;
    const alpha = Math.round(value * strength);
    return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
