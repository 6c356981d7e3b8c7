// @ts-check
// Growing, shrinking and feathering of mask values in a box.

/** @import { Size } from "./geometry.js" */

const FAR = 1e6;

/**
 * @param {Uint8Array} values @param {Size} size @param {number} radius pixels
 * @returns {Uint8Array} every pixel within `radius` of a masked one (128 or more) is masked, the edge smooth
 */
export function grown(values, size, radius) {
  return nearer(values, size, radius, (value) => value >= 128, (old, reached) => Math.max(old, reached));
}

/**
 * @param {Uint8Array} values @param {Size} size @param {number} radius pixels
 * @returns {Uint8Array} every pixel within `radius` of an unmasked one is unmasked; the box's own edge takes nothing away
 */
export function shrunk(values, size, radius) {
  return nearer(values, size, radius, (value) => value < 128, (old, reached) => Math.min(old, 255 - reached));
}

/**
 * Exact Euclidean distances in two passes (Meijster, Roerdink, Hesselink 2000).
 * @param {Uint8Array} values @param {Size} size @param {number} radius
 * @param {(value: number) => boolean} isSource @param {(old: number, reached: number) => number} merge
 */
function nearer(values, { width, height }, radius, isSource, merge) {
  const columns = columnDistances(values, width, height, isSource);
  const result = new Uint8Array(values.length);
  const row = new Float64Array(width);
  const distances = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row[x] = columns[y * width + x] ** 2;
    lowerEnvelope(row, distances);
    for (let x = 0; x < width; x++) {
      const reached = Math.max(0, Math.min(1, radius + 0.5 - Math.sqrt(distances[x])));
      result[y * width + x] = merge(values[y * width + x], Math.round(255 * reached));
    }
  }
  return result;
}

/** @param {Uint8Array} values @param {number} width @param {number} height @param {(value: number) => boolean} isSource */
function columnDistances(values, width, height, isSource) {
  const distances = new Uint16Array(width * height).fill(65535);
  for (let at = 0; at < values.length; at++) {
    if (isSource(values[at])) distances[at] = 0;
    else if (at >= width && distances[at - width] < 65535) distances[at] = distances[at - width] + 1;
  }
  for (let at = values.length - width - 1; at >= 0; at--) {
    if (distances[at + width] + 1 < distances[at]) distances[at] = distances[at + width] + 1;
  }
  return distances;
}

/**
 * Squared distances along one row: the lowest of the parabolas that stand on `squares` (Felzenszwalb, Huttenlocher).
 * @param {Float64Array} squares @param {Float64Array} result
 */
function lowerEnvelope(squares, result) {
  const count = squares.length;
  const feet = new Int32Array(count);
  const borders = new Float64Array(count + 1);
  let last = -1;
  for (let at = 0; at < count; at++) {
    if (squares[at] >= FAR * FAR || squares[at] === 65535 ** 2) continue;
    let border = -Infinity;
    while (last >= 0) {
      const foot = feet[last];
      border = (squares[at] + at * at - squares[foot] - foot * foot) / (2 * (at - foot));
      if (border > borders[last]) break;
      last--;
    }
    last++;
    feet[last] = at;
    borders[last] = last === 0 ? -Infinity : border;
  }
  if (last < 0) {
    result.fill(FAR * FAR);
    return;
  }
  for (let at = 0, current = 0; at < count; at++) {
    while (current < last && borders[current + 1] < at) current++;
    result[at] = (at - feet[current]) ** 2 + squares[feet[current]];
  }
}

/**
 * Three box blurs, which together are close to a Gaussian; beyond the box the edge values go on.
 * @param {Uint8Array} values @param {Size} size @param {number} radius pixels, the width of the soft edge on each side
 * @returns {Uint8Array}
 */
export function feathered(values, { width, height }, radius) {
  const half = Math.max(1, Math.round(radius / 3));
  let from = values.slice();
  let to = new Uint8Array(values.length);
  for (let pass = 0; pass < 3; pass++) {
    blurLines(from, to, height, width, width, 1, half);
    blurLines(to, from, width, height, 1, width, half);
  }
  return from;
}

/**
 * @param {Uint8Array} from @param {Uint8Array} to @param {number} lines @param {number} length of a line
 * @param {number} lineStep @param {number} step @param {number} half
 */
function blurLines(from, to, lines, length, lineStep, step, half) {
  const divisor = 2 * half + 1;
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    const end = start + (length - 1) * step;
    let sum = 0;
    for (let offset = -half; offset <= half; offset++) {
      sum += from[start + Math.min(length - 1, Math.max(0, offset)) * step];
    }
    for (let index = 0; index < length; index++) {
      const at = start + index * step;
      to[at] = Math.round(sum / divisor);
      const entering = index + half + 1 < length ? at + (half + 1) * step : end;
      const leaving = index - half >= 0 ? at - half * step : start;
      sum += from[entering] - from[leaving];
    }
  }
}
