// @ts-check
// Points and boxes in picture pixels: what every other module measures with.

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {{width: number, height: number}} Size */

/** @param {Box} a @param {Box} b @returns {Box | null} the common part, null when there is none */
export function intersect(a, b) {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** @param {Box | null} a @param {Box | null} b @returns {Box | null} the smallest box around both */
export function union(a, b) {
  if (!a || !b) return a || b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** @param {Box} box @param {number} by pixels on each side @returns {Box} */
export function inflate(box, by) {
  return { x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by };
}

/** @param {Box} box @returns {Box} the smallest box of whole pixels around it */
export function whole(box) {
  const x = Math.floor(box.x);
  const y = Math.floor(box.y);
  return { x, y, width: Math.ceil(box.x + box.width) - x, height: Math.ceil(box.y + box.height) - y };
}

/** @param {Point[]} points at least one @returns {Box} */
export function boxAround(points) {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** @param {Point} a @param {Point} b @returns {Box} the box with these two opposite corners */
export function boxBetween(a, b) {
  return boxAround([a, b]);
}

/** @param {Box} a @param {Box} b */
export function sameBox(a, b) {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

/** @param {Size} size @returns {Box} */
export function boxOf(size) {
  return { x: 0, y: 0, width: size.width, height: size.height };
}

/** @param {Point} a @param {Point} b */
export function distance(a, b) {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** @param {Point} start @param {Point} end @returns {Point} `end` turned to the nearest multiple of 45 degrees */
export function snapped(start, end) {
  const step = Math.PI / 4;
  const angle = Math.round(Math.atan2(end.y - start.y, end.x - start.x) / step) * step;
  const along = (end.x - start.x) * Math.cos(angle) + (end.y - start.y) * Math.sin(angle);
  return { x: start.x + along * Math.cos(angle), y: start.y + along * Math.sin(angle) };
}

/** @param {Point} start @param {Point} end @returns {Point} `end` moved so that both sides are equally long */
export function squared(start, end) {
  const side = Math.max(Math.abs(end.x - start.x), Math.abs(end.y - start.y));
  return {
    x: start.x + Math.sign(end.x - start.x || 1) * side,
    y: start.y + Math.sign(end.y - start.y || 1) * side,
  };
}

/** @param {number} value @param {number} minimum @param {number} maximum */
export function clamp(value, minimum, maximum) {
  return Math.min(maximum, Math.max(minimum, value));
}
