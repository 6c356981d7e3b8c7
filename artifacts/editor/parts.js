// @ts-check
// How many separate parts a mask has: pixels that touch, corners too, belong together.

/** @import { Box } from "./geometry.js" */

const LINES_AT_ONCE = 256;

/**
 * Joins the runs of each line with those of the line above that they touch.
 * @param {(box: Box) => Uint8Array} read mask values of a box, row by row @param {Box} box around all that is masked
 * @returns {number} parts of pixels above 0
 */
export function countParts(read, box) {
  /** @type {number[]} each part's own number, or that of the part it turned out to belong to */
  const parents = [];
  let joined = 0;
  /** @type {number[]} start, end (behind the last), part of each run of the line above */
  let above = [];
  for (let top = 0; top < box.height; top += LINES_AT_ONCE) {
    const lines = Math.min(LINES_AT_ONCE, box.height - top);
    const values = read({ ...box, y: box.y + top, height: lines });
    for (let line = 0; line < lines; line++) {
      const runs = runsOf(values, line * box.width, box.width);
      for (let run = 0, other = 0; run < runs.length; run += 3) {
        while (other < above.length && above[other + 1] < runs[run]) other += 3;
        for (let at = other; at < above.length && above[at] <= runs[run + 1]; at += 3) {
          const part = root(parents, above[at + 2]);
          if (runs[run + 2] < 0) runs[run + 2] = part;
          const own = root(parents, runs[run + 2]);
          if (own === part) continue;
          parents[part] = own;
          joined++;
        }
        if (runs[run + 2] < 0) runs[run + 2] = parents.push(parents.length) - 1;
      }
      above = runs;
    }
  }
  return parents.length - joined;
}

/** @param {Uint8Array} values @param {number} start @param {number} width @returns {number[]} start, end, -1 for each run */
function runsOf(values, start, width) {
  const runs = [];
  for (let at = start; at < start + width; at++) {
    if (!values[at]) continue;
    const first = at;
    while (at < start + width && values[at]) at++;
    runs.push(first - start, at - start, -1);
  }
  return runs;
}

/** @param {number[]} parents @param {number} part @returns {number} */
function root(parents, part) {
  while (parents[part] !== part) {
    parents[part] = parents[parents[part]];
    part = parents[part];
  }
  return part;
}
