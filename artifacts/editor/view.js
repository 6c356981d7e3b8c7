// @ts-check
// Where the picture lies on the screen: screen = picture * scale + offset.

import { clamp } from "./geometry.js";

/** @import { Box, Point, Size } from "./geometry.js" */
/** @typedef {{scale: number, x: number, y: number}} View x and y: where the picture's corner is, in CSS pixels */

export const LARGEST_SCALE = 32;
const LEAST_SHOWN = 48;

/** @param {Box} box @param {Size} screen @param {number} margin @returns {View} all of the box, centred, never enlarged beyond 4 */
export function fitted(box, screen, margin) {
  const across = Math.max(1, screen.width - 2 * margin) / box.width;
  const down = Math.max(1, screen.height - 2 * margin) / box.height;
  return centred(box, screen, Math.min(across, down, 4));
}

/** @param {Box} box @param {Size} screen @param {number} scale @returns {View} */
export function centred(box, screen, scale) {
  return {
    scale,
    x: screen.width / 2 - (box.x + box.width / 2) * scale,
    y: screen.height / 2 - (box.y + box.height / 2) * scale,
  };
}

/** @param {View} view @param {Point} at on the screen, stays where it is @param {number} factor @param {number} smallest scale @returns {View} */
export function zoomed(view, at, factor, smallest) {
  const scale = clamp(view.scale * factor, Math.min(smallest, view.scale), LARGEST_SCALE);
  const change = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * change, y: at.y - (at.y - view.y) * change };
}

/** @param {View} view @param {number} x @param {number} y @returns {View} */
export function panned(view, x, y) {
  return { scale: view.scale, x: view.x + x, y: view.y + y };
}

/** @param {View} view @param {Box} box @param {Size} screen @returns {View} moved so that some of the box stays in sight */
export function kept(view, box, screen) {
  const left = box.x * view.scale;
  const top = box.y * view.scale;
  const width = box.width * view.scale;
  const height = box.height * view.scale;
  return {
    scale: view.scale,
    x: clamp(view.x, LEAST_SHOWN - left - width, screen.width - LEAST_SHOWN - left),
    y: clamp(view.y, LEAST_SHOWN - top - height, screen.height - LEAST_SHOWN - top),
  };
}

/** @param {View} view @param {Point} point on the screen @returns {Point} in picture pixels */
export function toPicture(view, point) {
  return { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale };
}

/** @param {View} view @param {Point} point in picture pixels @returns {Point} on the screen */
export function toScreen(view, point) {
  return { x: point.x * view.scale + view.x, y: point.y * view.scale + view.y };
}

/** @param {View} view @param {Box} box in picture pixels @returns {Box} on the screen */
export function boxToScreen(view, box) {
  const { x, y } = toScreen(view, box);
  return { x, y, width: box.width * view.scale, height: box.height * view.scale };
}
