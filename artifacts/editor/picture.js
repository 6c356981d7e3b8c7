// @ts-check
// The picture on the screen: decoded once, drawn from a small overview or from the tiles in sight.

import { TILE } from "./tiles.js";

/** @import { Colours } from "./flood.js" */
/** @import { Box, Size } from "./geometry.js" */
/** @import { View } from "./view.js" */

const OVERVIEW_SIDE = 2048;
const PIXELATED_FROM = 3;

export class LoadedPicture {
  /** @param {string} id @param {ImageBitmap} bitmap upright @param {ImageBitmap} overview @param {{mime: string, data: Blob}} file */
  constructor(id, bitmap, overview, file) {
    this.id = id;
    this.width = bitmap.width;
    this.height = bitmap.height;
    this.bitmap = bitmap;
    this.overview = overview;
    this.file = file;
    /** @type {Map<string, HTMLCanvasElement>} */
    this.tiles = new Map();
  }

  /** @param {string} id @param {{mime: string, data: ArrayBuffer}} bytes @returns {Promise<LoadedPicture>} @throws {Error} not a picture */
  static async decode(id, { mime, data }) {
    const blob = new Blob([data], { type: mime });
    const bitmap = await createImageBitmap(blob);
    const share = Math.min(1, OVERVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
    const overview = share === 1 ? bitmap : await reduced(bitmap, share);
    return new LoadedPicture(id, bitmap, overview, { mime, data: blob });
  }

  /**
   * @param {CanvasRenderingContext2D} context in device pixels @param {View} view in device pixels @param {Box} seen device pixels to draw
   * @param {Box} [place] where the picture lies, in the pixels of `view`; its own size from 0, 0 without it
   */
  draw(context, view, seen, place = { x: 0, y: 0, width: this.width, height: this.height }) {
    const scale = (view.scale * place.width) / this.width;
    const x = view.x + place.x * view.scale;
    const y = view.y + place.y * view.scale;
    context.imageSmoothingEnabled = scale < PIXELATED_FROM;
    context.imageSmoothingQuality = scale < 1 ? "medium" : "low";
    if (this.width * scale <= this.overview.width || this.overview === this.bitmap) {
      const box = onPixels({ x, y, width: this.width * scale, height: this.height * scale });
      context.drawImage(this.overview, box.x, box.y, box.width, box.height);
      return;
    }
    const side = TILE * scale;
    const lastColumn = Math.min(Math.ceil(this.width / TILE) - 1, Math.floor((seen.x + seen.width - x) / side));
    const lastRow = Math.min(Math.ceil(this.height / TILE) - 1, Math.floor((seen.y + seen.height - y) / side));
    for (let row = Math.max(0, Math.floor((seen.y - y) / side)); row <= lastRow; row++) {
      for (let column = Math.max(0, Math.floor((seen.x - x) / side)); column <= lastColumn; column++) {
        const tile = this.tile(column, row);
        const size = { width: tile.width * scale, height: tile.height * scale };
        const box = onPixels({ x: x + column * side, y: y + row * side, ...size });
        context.drawImage(tile, box.x, box.y, box.width, box.height);
      }
    }
  }

  /** @param {number} column @param {number} row @returns {HTMLCanvasElement} */
  tile(column, row) {
    const key = `${column},${row}`;
    const known = this.tiles.get(key);
    if (known) return known;
    const made = document.createElement("canvas");
    made.width = Math.min(TILE, this.width - column * TILE);
    made.height = Math.min(TILE, this.height - row * TILE);
    context(made).drawImage(this.bitmap, -column * TILE, -row * TILE);
    this.tiles.set(key, made);
    return made;
  }

  /** @returns {Colours} the colours for the bucket; read from the canvas once per tile and use */
  colours() {
    /** @type {Map<string, ImageData>} */
    let read = new Map();
    const forget = () => (read = new Map());
    return {
      size: { width: this.width, height: this.height },
      tile: TILE,
      pixels: (column, row) => {
        const key = `${column},${row}`;
        if (read.size === 0) setTimeout(forget);
        const known = read.get(key);
        if (known) return known;
        const pixels = this.pixels({ x: column * TILE, y: row * TILE, ...sizeOf(this.tile(column, row)) });
        read.set(key, pixels);
        return pixels;
      },
    };
  }

  /** @param {Box} box inside the picture @returns {ImageData} */
  pixels(box) {
    const canvas = document.createElement("canvas");
    canvas.width = box.width;
    canvas.height = box.height;
    const target = context(canvas, true);
    target.drawImage(this.bitmap, -box.x, -box.y);
    return target.getImageData(0, 0, box.width, box.height);
  }

  /** @param {Box} box inside the picture @returns {Promise<LoadedPicture>} that part as a picture of its own, without a file */
  async part({ x, y, width, height }) {
    const bitmap = await createImageBitmap(this.bitmap, x, y, width, height);
    const share = Math.min(1, OVERVIEW_SIDE / Math.max(width, height));
    return new LoadedPicture("", bitmap, share === 1 ? bitmap : await reduced(bitmap, share), this.file);
  }

  /** @param {Box} box inside the picture @returns {Promise<Blob>} that part as PNG */
  cropped(box) {
    const canvas = document.createElement("canvas");
    canvas.width = box.width;
    canvas.height = box.height;
    context(canvas).drawImage(this.bitmap, -box.x, -box.y);
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    });
  }

  /** @param {number} side longest, in pixels @returns {HTMLCanvasElement} */
  thumbnail(side) {
    const share = Math.min(1, side / Math.max(this.width, this.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(this.width * share));
    canvas.height = Math.max(1, Math.round(this.height * share));
    const target = context(canvas);
    target.imageSmoothingQuality = "high";
    target.drawImage(this.overview, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
}

/** The pictures that were loaded last, by file id; older ones are loaded again when they are needed. */
export class PictureShelf {
  /** @param {(file: string) => Promise<{mime: string, data: ArrayBuffer}>} fetch @param {number} room */
  constructor(fetch, room) {
    this.fetch = fetch;
    this.room = room;
    /** @type {Map<string, Promise<LoadedPicture>>} least recently used first */
    this.loaded = new Map();
  }

  /** @param {string} id @returns {Promise<LoadedPicture>} */
  get(id) {
    const known = this.loaded.get(id);
    const picture = known || this.fetch(id).then((bytes) => LoadedPicture.decode(id, bytes));
    this.loaded.delete(id);
    this.loaded.set(id, picture);
    if (!known) picture.catch(() => this.loaded.delete(id));
    if (this.loaded.size > this.room) this.loaded.delete(/** @type {string} */ (this.loaded.keys().next().value));
    return picture;
  }
}

/** @param {Box} box @returns {Box} its edges on device pixels, so that neighbours meet without a seam */
export function onPixels({ x, y, width, height }) {
  const left = Math.round(x);
  const top = Math.round(y);
  return { x: left, y: top, width: Math.round(x + width) - left, height: Math.round(y + height) - top };
}

/** @param {ImageBitmap} bitmap @param {number} share */
function reduced(bitmap, share) {
  return createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * share)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * share)),
    resizeQuality: "medium",
  });
}

/** @param {HTMLCanvasElement} canvas @param {boolean} [readOften] @returns {CanvasRenderingContext2D} */
function context(canvas, readOften = false) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: readOften }));
}

/** @param {Size} size @returns {Size} */
function sizeOf({ width, height }) {
  return { width, height };
}
