// @ts-check
// A project as a file: what was painted and wished, and the picture it belongs to. Reading believes nothing.

import { isDrawing, isShape } from "./drawing.js";
import { fromBase64, toBase64 } from "./png.js";
import { KINDS } from "./steps.js";

/** @import { StoredDocument } from "./document.js" */
/** @import { PictureRow } from "./steps.js" */
/** @typedef {PictureRow & {print: string}} ProjectPicture print = length and checksum of its file */
/** @typedef {{picture: ProjectPicture, document: StoredDocument, wishes: Record<string, any>}} Project */

const FORMAT = "flux-studio-edit";
/** Bytes of a file. */
export const LARGEST_PROJECT = 16 * 1024 * 1024;
const MOST_STEPS = 2000;
const MOST_VALUES = 1_500_000;
const MOST_TILES = 256;
const DEEPEST = 5;
const FARTHEST = 100_000;
const LARGEST_BOX = 64_000_000;
const LONGEST_TEXT = 10_000;
const TILE_NAME = /^-?\d{1,3},-?\d{1,3}$/;
/** @type {Record<string, [number, number]>} limits of numbers by their name; all others within FARTHEST */
const LIMITS = { size: [1, 500], hardness: [0, 1], opacity: [0, 1], radius: [0, 500], tolerance: [0, 255], width: [1, FARTHEST], height: [1, FARTHEST] };

/** @param {Project} project @returns {string} JSON */
export function writeProject(project) {
  const plain = (/** @type {string} */ _, /** @type {unknown} */ value) => {
    if (value instanceof Map) return { map: [...value] };
    return value instanceof Uint8Array ? { bytes: toBase64(value) } : value;
  };
  return JSON.stringify({ format: FORMAT, version: 1, ...project }, plain);
}

/** @param {string} text @returns {Project} @throws {RangeError} whatever is wrong with it */
export function readProject(text) {
  const { format, version, picture, document, wishes } = parsed(text);
  must(format === FORMAT && version === 1);
  const counted = { left: MOST_VALUES };
  checked(picture, "", counted);
  must(isPicture(picture) && Array.isArray(document?.steps) && document.steps.length <= MOST_STEPS);
  for (const step of document.steps) must(KINDS.includes(step?.kind) && step.kind !== "picture" && (step.kind !== "draw" || isShape(step.drawn)));
  const { frame, drawing = [] } = document.base?.state || {};
  must(isDrawing(drawing));
  must(frame === null || (isObject(frame) && "width" in frame && "height" in frame));
  /** @type {[string, unknown][]} */
  const mask = document.base.mask?.map;
  must(Array.isArray(mask) && mask.length <= MOST_TILES && mask.every((row) => Array.isArray(row) && TILE_NAME.test(row[0])));
  const state = { picture, frame: /** @type {any} */ (checked(frame, "frame", counted)), drawing: /** @type {any} */ (checked(drawing, "", counted)) };
  const tiles = mask.map(([name, runs]) => /** @type {const} */ ([name, runs === null ? null : checked(runs, "", counted)]));
  must(tiles.every(([, runs]) => runs === null || runs instanceof Uint8Array));
  const steps = /** @type {any} */ (checked(document.steps, "", counted));
  return { picture, document: { version: 1, base: { state, mask: new Map(/** @type {any} */ (tiles)) }, steps }, wishes: /** @type {any} */ (checked(isObject(wishes) ? wishes : {}, "", counted)) };
}

/** @param {Uint8Array} bytes of a picture's file @returns {string} the same for the same file, on any server */
export function printOf(bytes) {
  let mark = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) mark = Math.imul(mark ^ bytes[at], 0x01000193);
  return `${bytes.length}:${(mark >>> 0).toString(16)}`;
}

/** @param {Record<string, any>} known @param {Record<string, any>} wishes @returns {Record<string, any>} those that exist, of the same kind */
export function fittingWishes(known, wishes) {
  const kind = (/** @type {unknown} */ value) => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);
  return Object.fromEntries(Object.entries(wishes).filter(([name, value]) => Object.hasOwn(known, name) && kind(value) === kind(known[name])));
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    must(isObject(value));
    return value;
  } catch {
    throw new RangeError("no project");
  }
}

/** @param {any} value @param {string} name @param {{left: number}} counted @param {number} [depth] @returns {unknown} a copy, bytes decoded */
function checked(value, name, counted, depth = 0) {
  must(--counted.left >= 0 && depth <= DEEPEST);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return must(value.length <= LONGEST_TEXT), value;
  if (typeof value === "number") {
    const [least, most] = Object.hasOwn(LIMITS, name) ? LIMITS[name] : [-FARTHEST, FARTHEST];
    return must(Number.isFinite(value) && value >= least && value <= most), value;
  }
  if (Array.isArray(value)) return value.map((each) => checked(each, "", counted, depth + 1));
  must(isObject(value));
  if ("bytes" in value) return bytesOf(value.bytes);
  must(!("width" in value && "height" in value) || value.width * value.height <= LARGEST_BOX);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, checked(each, key, counted, depth + 1)]));
}

/** @param {unknown} text base64 @returns {Uint8Array} */
function bytesOf(text) {
  must(typeof text === "string" && text.length <= LARGEST_PROJECT && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0);
  return new Uint8Array(fromBase64(/** @type {string} */ (text)));
}

/** @param {any} row */
function isPicture(row) {
  const isSide = (/** @type {unknown} */ side) => Number.isInteger(side);
  return isObject(row) && typeof row.id === "string" && typeof row.print === "string" && isSide(row.width) && isSide(row.height);
}

/** @param {any} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {boolean} condition @returns {void} @throws {RangeError} */
function must(condition) {
  if (!condition) throw new RangeError("no project");
}
