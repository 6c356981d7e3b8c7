// @ts-check
// Bucket: the pixels whose colour is near the clicked one, the connected ones or all.

/** @import { Box, Size } from "./geometry.js" */
/** @typedef {{size: Size, tile: number, pixels: (column: number, row: number) => {data: Uint8ClampedArray, width: number}}} Colours
 *  the picture as square tiles of RGBA, `tile` pixels wide */

/**
 * @param {Colours} colours @param {number} startX @param {number} startY whole pixels inside the picture
 * @param {number} tolerance 0 to 255, the largest difference in any channel
 * @returns {{box: Box, values: Uint8Array}} 255 = reached
 */
export function flood(colours, startX, startY, tolerance) {
  const { width, height } = colours.size;
  const reached = new Uint8Array(width * height);
  const near = matcher(colours, startX, startY, tolerance);
  const waiting = [startX, startY];
  while (waiting.length) {
    const y = /** @type {number} */ (waiting.pop());
    const x = /** @type {number} */ (waiting.pop());
    if (reached[y * width + x] || !near(x, y)) continue;
    let left = x;
    while (left > 0 && !reached[y * width + left - 1] && near(left - 1, y)) left--;
    let right = x;
    while (right < width - 1 && !reached[y * width + right + 1] && near(right + 1, y)) right++;
    reached.fill(255, y * width + left, y * width + right + 1);
    for (const next of [y - 1, y + 1]) {
      if (next < 0 || next >= height) continue;
      let open = false;
      for (let at = left; at <= right; at++) {
        const fits = !reached[next * width + at] && near(at, next);
        if (fits && !open) waiting.push(at, next);
        open = fits;
      }
    }
  }
  return cropped(reached, width, height);
}

/**
 * @param {Colours} colours @param {number} startX @param {number} startY whole pixels inside the picture
 * @param {number} tolerance 0 to 255, the largest difference in any channel
 * @returns {{box: Box, values: Uint8Array}} 255 = as near in colour, wherever it lies
 */
export function alike(colours, startX, startY, tolerance) {
  const { width, height } = colours.size;
  const values = new Uint8Array(width * height);
  const near = matcher(colours, startX, startY, tolerance);
  // Tile by tile: each is read from the picture once.
  for (let top = 0; top < height; top += colours.tile) {
    for (let left = 0; left < width; left += colours.tile) {
      const right = Math.min(width, left + colours.tile);
      for (let y = top; y < Math.min(height, top + colours.tile); y++) {
        for (let x = left; x < right; x++) if (near(x, y)) values[y * width + x] = 255;
      }
    }
  }
  return cropped(values, width, height);
}

/** @param {Colours} colours @param {number} startX @param {number} startY @param {number} tolerance */
function matcher(colours, startX, startY, tolerance) {
  const { tile } = colours;
  let column = -1;
  let row = -1;
  /** @type {{data: Uint8ClampedArray, width: number}} */
  let current = { data: new Uint8ClampedArray(0), width: 0 };
  /** @param {number} x @param {number} y */
  const offset = (x, y) => {
    const wantedColumn = (x / tile) | 0;
    const wantedRow = (y / tile) | 0;
    if (wantedColumn !== column || wantedRow !== row) {
      column = wantedColumn;
      row = wantedRow;
      current = colours.pixels(column, row);
    }
    return 4 * ((y - row * tile) * current.width + x - column * tile);
  };
  const first = offset(startX, startY);
  const [red, green, blue, alpha] = current.data.slice(first, first + 4);
  return (/** @type {number} */ x, /** @type {number} */ y) => {
    const at = offset(x, y);
    const { data } = current;
    return (
      Math.abs(data[at] - red) <= tolerance &&
      Math.abs(data[at + 1] - green) <= tolerance &&
      Math.abs(data[at + 2] - blue) <= tolerance &&
      Math.abs(data[at + 3] - alpha) <= tolerance
    );
  };
}

/** @param {Uint8Array} values @param {number} width @param {number} height @returns {{box: Box, values: Uint8Array}} */
function cropped(values, width, height) {
  const first = Math.floor(values.indexOf(255) / width);
  const last = Math.floor(values.lastIndexOf(255) / width);
  const box = { x: 0, y: first, width, height: Math.min(height, last + 1) - first };
  return { box, values: values.subarray(first * width, (last + 1) * width) };
}
