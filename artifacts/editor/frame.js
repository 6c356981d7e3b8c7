// @ts-check
// The frame: which part of the picture, and how much beyond it, the result shows. Crop, extend, ratios, handles.

import { boxOf, clamp, intersect, sameBox, whole } from "./geometry.js";

/** @import { Box, Point, Size } from "./geometry.js" */
/** @typedef {"left" | "top" | "right" | "bottom"} Side */
/** @typedef {{x: -1 | 0 | 1, y: -1 | 0 | 1}} Handle which edges move; both 0 = the whole frame */

/** Pixels a frame may reach beyond the picture on each side: what BFL's Expand takes. */
export const FARTHEST = 2048;
export const LEAST_SIDE = 64;
/** How many times as wide and high a picture becomes in one press. */
export const FACTORS = [1.25, 1.5, 2];
export const RATIOS = ["1:1", "4:5", "3:4", "2:3", "9:16", "5:4", "4:3", "3:2", "16:9", "21:9"];

/** @type {readonly Handle[]} */
export const HANDLES = [
  { x: -1, y: -1 },
  { x: 0, y: -1 },
  { x: 1, y: -1 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
  { x: -1, y: 1 },
  { x: -1, y: 0 },
];

/** @param {string} text such as "16:9" @returns {number} width by height */
export function ratioOf(text) {
  const [width, height] = text.split(":").map(Number);
  return width / height;
}

/** @param {Box | null} frame @param {Size} picture @returns {boolean} whether there is something to invent beyond the picture */
export function reachesOut(frame, picture) {
  if (!frame) return false;
  return frame.x < 0 || frame.y < 0 || frame.x + frame.width > picture.width || frame.y + frame.height > picture.height;
}

/** @param {Box} frame @param {Size} picture @returns {Box | null} whole pixels within the limits; null = just the picture */
export function settled(frame, picture) {
  const left = Math.round(clamp(frame.x, -FARTHEST, picture.width - LEAST_SIDE));
  const top = Math.round(clamp(frame.y, -FARTHEST, picture.height - LEAST_SIDE));
  const right = Math.round(clamp(frame.x + frame.width, LEAST_SIDE, picture.width + FARTHEST));
  const bottom = Math.round(clamp(frame.y + frame.height, LEAST_SIDE, picture.height + FARTHEST));
  const width = Math.max(LEAST_SIDE, right - left);
  const box = { x: left, y: top, width, height: Math.max(LEAST_SIDE, bottom - top) };
  return sameBox(box, boxOf(picture)) ? null : box;
}

/** @param {Size} picture @param {number} ratio @returns {Box} the smallest frame of that ratio around the picture */
export function extendedTo(picture, ratio) {
  const width = Math.max(picture.width, Math.round(picture.height * ratio));
  const height = Math.max(picture.height, Math.round(picture.width / ratio));
  return placed({ width, height }, picture);
}

/** @param {Size} picture @param {number} factor @returns {Box} a frame that many times as wide and high, the picture in its middle */
export function extendedBy(picture, factor) {
  return placed({ width: Math.round(picture.width * factor), height: Math.round(picture.height * factor) }, picture);
}

/** @param {Size} picture @param {number} ratio @returns {Box} the largest frame of that ratio inside the picture */
export function croppedTo(picture, ratio) {
  const width = Math.min(picture.width, Math.round(picture.height * ratio));
  const height = Math.min(picture.height, Math.round(picture.width / ratio));
  return placed({ width, height }, picture);
}

/** @param {Size} size @param {Size} picture @returns {Box} centred on the picture */
function placed(size, picture) {
  const x = Math.round((picture.width - size.width) / 2);
  return { x, y: Math.round((picture.height - size.height) / 2), ...size };
}

/** @param {Box | null} frame @param {Size} picture @returns {Record<Side, number>} pixels beyond each side, negative = cut off */
export function sidesOf(frame, picture) {
  const box = frame || boxOf(picture);
  return {
    left: -box.x,
    top: -box.y,
    right: box.x + box.width - picture.width,
    bottom: box.y + box.height - picture.height,
  };
}

/** @param {Record<Side, number>} sides @param {Size} picture @returns {Box} */
export function fromSides(sides, picture) {
  return {
    x: -sides.left,
    y: -sides.top,
    width: picture.width + sides.left + sides.right,
    height: picture.height + sides.top + sides.bottom,
  };
}

/**
 * @param {string} text "120", "120 px" or "25 %" @param {number} length of the picture along that side, in pixels
 * @returns {number | null} pixels; null when it is no such text
 */
export function pixelsFrom(text, length) {
  const found = /^\s*([+-]?\d+(?:[.,]\d+)?)\s*(%|px)?\s*$/.exec(text);
  if (!found) return null;
  const number = Number(found[1].replace(",", "."));
  return Math.round(found[2] === "%" ? (number / 100) * length : number);
}

/** @param {Box} frame @param {Handle} handle @param {Point} by how far it was dragged @param {number | null} ratio to keep @returns {Box} */
export function dragged(frame, handle, by, ratio) {
  if (!handle.x && !handle.y) return { ...frame, x: frame.x + by.x, y: frame.y + by.y };
  let width = Math.max(LEAST_SIDE, frame.width + handle.x * by.x);
  let height = Math.max(LEAST_SIDE, frame.height + handle.y * by.y);
  if (ratio && handle.x) height = width / ratio;
  else if (ratio) width = height * ratio;
  const spareX = handle.x === 0 ? (frame.width - width) / 2 : handle.x < 0 ? frame.width - width : 0;
  const spareY = handle.y === 0 ? (frame.height - height) / 2 : handle.y < 0 ? frame.height - height : 0;
  return { x: frame.x + spareX, y: frame.y + spareY, width, height };
}

/** @param {Box} frame @param {Size} picture @returns {Box[]} the parts of the frame outside the picture */
export function outsideParts(frame, picture) {
  const inner = intersect(frame, boxOf(picture));
  if (!inner) return [frame];
  const { x, y, width, height } = frame;
  const right = inner.x + inner.width;
  const bottom = inner.y + inner.height;
  return [
    { x, y, width, height: inner.y - y },
    { x, y: bottom, width, height: y + height - bottom },
    { x, y: inner.y, width: inner.x - x, height: inner.height },
    { x: right, y: inner.y, width: x + width - right, height: inner.height },
  ]
    .map(whole)
    .filter((part) => part.width > 0 && part.height > 0);
}
