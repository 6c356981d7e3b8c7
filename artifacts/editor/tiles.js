// @ts-check
// The mask's pixels: sparse tiles of one byte a pixel (255 = repaint), with what undo needs to take changes back.

import { intersect, union } from "./geometry.js";
import { decodeRuns, encodeRuns } from "./runs.js";

/** @import { Box } from "./geometry.js" */
/** @typedef {Map<string, Uint8Array | null>} Patch runs of each changed tile; null = there was none */
/** @typedef {{count: number, box: Box | null}} Extent number of pixels above 0 and the box around them */

export const TILE = 1024;
const PIXELS = TILE * TILE;

export class MaskTiles {
  constructor() {
    /** @type {Map<string, Uint8Array>} by "column,row"; columns and rows may be negative */
    this.tiles = new Map();
    /** @type {Map<string, Uint8Array | null> | null} tiles as they were before the change being recorded */
    this.before = null;
    /** @type {Map<string, Extent>} */
    this.extents = new Map();
  }

  /** @param {number} column @param {number} row @returns {Uint8Array | undefined} */
  tile(column, row) {
    return this.tiles.get(`${column},${row}`);
  }

  /** @param {number} x @param {number} y @returns {number} the value at a whole pixel */
  at(x, y) {
    const column = Math.floor(x / TILE);
    const row = Math.floor(y / TILE);
    const tile = this.tile(column, row);
    return tile ? tile[(y - row * TILE) * TILE + (x - column * TILE)] : 0;
  }

  /**
   * Calls `paint(tile, part, left, top)` for each tile that meets the box, with the common part and the tile's corner
   * in picture pixels; missing tiles are made. Everything that changes pixels goes through here.
   * @param {Box} box whole pixels
   * @param {(tile: Uint8Array, part: Box, left: number, top: number) => void} paint
   */
  change(box, paint) {
    eachTile(box, (key, part, left, top) => {
      const known = this.tiles.get(key);
      if (this.before && !this.before.has(key)) this.before.set(key, known ? known.slice() : null);
      const tile = known || new Uint8Array(PIXELS);
      if (!known) this.tiles.set(key, tile);
      this.extents.delete(key);
      paint(tile, part, left, top);
    });
  }

  /** @param {Box} box whole pixels @returns {Uint8Array} its values, row by row */
  read(box) {
    const values = new Uint8Array(box.width * box.height);
    eachTile(box, (key, part, left, top) => {
      const tile = this.tiles.get(key);
      if (!tile) return;
      for (let y = part.y; y < part.y + part.height; y++) {
        const start = (y - top) * TILE + part.x - left;
        values.set(tile.subarray(start, start + part.width), (y - box.y) * box.width + part.x - box.x);
      }
    });
    return values;
  }

  /** @param {Box} box whole pixels @param {Uint8Array} values row by row */
  write(box, values) {
    this.change(box, (tile, part, left, top) => {
      for (let y = part.y; y < part.y + part.height; y++) {
        const start = (y - box.y) * box.width + part.x - box.x;
        tile.set(values.subarray(start, start + part.width), (y - top) * TILE + part.x - left);
      }
    });
  }

  /** Removes every tile. */
  clear() {
    for (const [key, tile] of this.tiles) if (this.before && !this.before.has(key)) this.before.set(key, tile);
    this.tiles.clear();
    this.extents.clear();
  }

  /** Starts to remember what changes. */
  begin() {
    this.before = new Map();
  }

  /** @returns {Patch} what `swap` needs to take back all changes since `begin` */
  end() {
    /** @type {Patch} */
    const patch = new Map();
    for (const [key, tile] of this.before || []) patch.set(key, tile && encodeRuns(tile));
    this.before = null;
    return patch;
  }

  /** @param {Patch} patch @returns {Patch} the one that undoes this exchange */
  swap(patch) {
    /** @type {Patch} */
    const opposite = new Map();
    for (const [key, runs] of patch) {
      const tile = this.tiles.get(key);
      opposite.set(key, tile ? encodeRuns(tile) : null);
      if (runs) this.tiles.set(key, decodeRuns(runs, PIXELS));
      else this.tiles.delete(key);
      this.extents.delete(key);
    }
    return opposite;
  }

  /** @returns {Patch} the whole mask, for storing */
  snapshot() {
    return new Map([...this.tiles].map(([key, tile]) => [key, encodeRuns(tile)]));
  }

  /** @param {Box} box @returns {Extent} how much of the box is masked, and where */
  extent(box) {
    let count = 0;
    /** @type {Box | null} */
    let around = null;
    eachTile(box, (key, part, left, top) => {
      const tile = this.tiles.get(key);
      if (!tile) return;
      const isWhole = part.width === TILE && part.height === TILE;
      const found = (isWhole && this.extents.get(key)) || extentOf(tile, part, left, top);
      if (isWhole) this.extents.set(key, found);
      count += found.count;
      around = union(around, found.box);
    });
    return { count, box: around };
  }
}

/** @param {Box} box @param {(key: string, part: Box, left: number, top: number) => void} visit */
function eachTile(box, visit) {
  for (let row = Math.floor(box.y / TILE); row * TILE < box.y + box.height; row++) {
    for (let column = Math.floor(box.x / TILE); column * TILE < box.x + box.width; column++) {
      const left = column * TILE;
      const top = row * TILE;
      const part = intersect(box, { x: left, y: top, width: TILE, height: TILE });
      if (part) visit(`${column},${row}`, part, left, top);
    }
  }
}

/** @param {Uint8Array} tile @param {Box} part @param {number} left @param {number} top @returns {Extent} */
function extentOf(tile, part, left, top) {
  let count = 0;
  let first = Infinity;
  let last = -1;
  let highest = Infinity;
  let lowest = -1;
  for (let y = part.y - top; y < part.y - top + part.height; y++) {
    const before = count;
    const start = y * TILE;
    for (let x = part.x - left; x < part.x - left + part.width; x++) {
      if (tile[start + x] === 0) continue;
      count++;
      if (x < first) first = x;
      if (x > last) last = x;
    }
    if (count === before) continue;
    if (highest === Infinity) highest = y;
    lowest = y;
  }
  if (count === 0) return { count, box: null };
  return { count, box: { x: left + first, y: top + highest, width: last - first + 1, height: lowest - highest + 1 } };
}
