// @ts-check
// The ways to compare two pictures, and the two halves of the screen for the one that puts them side by side.

/** @import { Box, Point, Size } from "./geometry.js" */

export const COMPARISONS = /** @type {const} */ (["wipe", "sides", "heat"]);

/** @param {Size} screen @returns {[Box, Box]} its two halves: beside each other, on a tall screen below each other */
export function halves({ width, height }) {
  const across = width >= height;
  const half = across ? { width: width / 2, height } : { width, height: height / 2 };
  return [{ x: 0, y: 0, ...half }, { x: across ? half.width : 0, y: across ? 0 : half.height, ...half }];
}

/** @param {Box} half @param {Size} screen @returns {Point} from the middle of the screen to that of the half */
export function shiftTo(half, screen) {
  return { x: half.x + half.width / 2 - screen.width / 2, y: half.y + half.height / 2 - screen.height / 2 };
}

/** @param {Point} at on the screen @param {Size} screen @returns {Point} the same point of the picture as if there were no halves */
export function fromHalf(at, screen) {
  const [first, second] = halves(screen);
  const inSecond = at.x >= second.x && at.y >= second.y;
  const shift = shiftTo(inSecond ? second : first, screen);
  return { x: at.x - shift.x, y: at.y - shift.y };
}
