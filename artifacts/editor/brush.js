// @ts-check
// Brush and eraser, round or square: tips drawn along the points of a stroke, laid so that overlap never adds up.

import { intersect, whole } from "./geometry.js";
import { TILE } from "./tiles.js";

/** @import { Box } from "./geometry.js" */
/** @import { MaskTiles } from "./tiles.js" */
/** @typedef {{x: number, y: number, pressure: number}} BrushPoint pressure 0 to 1 */
/** @typedef {{size: number, hardness: number, opacity: number, erase: boolean, square?: boolean}} Brush size in pixels, rest 0 to 1 */

const LEAST_PRESSURE = 0.15;
/** Filled for each pixel anew; the last one stays the line's end. */
const SHARES = Float64Array.of(0, 0, 0, 0, 0, 1);

/** @param {Brush} brush @param {number} pressure @returns {number} */
export function radiusAt(brush, pressure) {
  return (Math.max(1, brush.size) / 2) * Math.max(LEAST_PRESSURE, pressure);
}

/**
 * Paints all of a stroke.
 * @param {MaskTiles} tiles @param {Box} clip @param {Brush} brush @param {number[]} points x, y, pressure, x, y, …
 */
export function paintStroke(tiles, clip, brush, points) {
  let from = pointAt(points, 0);
  paintSegment(tiles, clip, brush, from, from);
  for (let at = 3; at < points.length; at += 3) {
    const to = pointAt(points, at);
    paintSegment(tiles, clip, brush, from, to);
    from = to;
  }
}

/**
 * Paints what lies near the line between two points and returns the changed box.
 * @param {MaskTiles} tiles @param {Box} clip @param {Brush} brush @param {BrushPoint} from @param {BrushPoint} to
 * @returns {Box | null}
 */
export function paintSegment(tiles, clip, brush, from, to) {
  const reach = Math.max(radiusAt(brush, from.pressure), radiusAt(brush, to.pressure)) + 1;
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  // A long diagonal in one piece would visit the whole box around it; short pieces stay near the line.
  const pieces = Math.max(1, Math.ceil(length / Math.max(64, 4 * reach)));
  for (let piece = 0; piece < pieces; piece++) {
    const start = between(from, to, piece / pieces);
    paintPiece(tiles, clip, brush, start, between(from, to, (piece + 1) / pieces), reach);
  }
  return segmentBox(clip, from, to, reach);
}

/** @param {Box} clip @param {BrushPoint} from @param {BrushPoint} to @param {number} reach */
function segmentBox(clip, from, to, reach) {
  const x = Math.min(from.x, to.x) - reach;
  const y = Math.min(from.y, to.y) - reach;
  const width = Math.abs(to.x - from.x) + 2 * reach;
  return intersect(clip, whole({ x, y, width, height: Math.abs(to.y - from.y) + 2 * reach }));
}

/** @param {MaskTiles} tiles @param {Box} clip @param {Brush} brush @param {BrushPoint} from @param {BrushPoint} to @param {number} reach */
function paintPiece(tiles, clip, brush, from, to, reach) {
  const box = segmentBox(clip, from, to, reach);
  if (!box) return;
  const startRadius = radiusAt(brush, from.pressure);
  const radiusGain = radiusAt(brush, to.pressure) - startRadius;
  const alongX = to.x - from.x;
  const alongY = to.y - from.y;
  const squaredLength = alongX * alongX + alongY * alongY || 1;
  const full = Math.round(255 * brush.opacity);
  tiles.change(box, (tile, part, left, top) => {
    for (let y = part.y; y < part.y + part.height; y++) {
      const offsetY = y + 0.5 - from.y;
      let at = (y - top) * TILE + part.x - left;
      for (let x = part.x; x < part.x + part.width; x++, at++) {
        const offsetX = x + 0.5 - from.x;
        const share = brush.square
          ? squareShare(offsetX, offsetY, alongX, alongY)
          : Math.min(1, Math.max(0, (offsetX * alongX + offsetY * alongY) / squaredLength));
        const awayX = offsetX - share * alongX;
        const awayY = offsetY - share * alongY;
        const radius = startRadius + share * radiusGain;
        const squared = brush.square ? Math.max(awayX * awayX, awayY * awayY) : awayX * awayX + awayY * awayY;
        const value = Math.round(full * strength(squared, radius, brush.hardness));
        if (brush.erase) tile[at] = Math.min(tile[at], 255 - value);
        else if (value > tile[at]) tile[at] = value;
      }
    }
  });
}

/**
 * Where along a line, 0 to 1, a square tip is nearest to a point: where its two distances, across and down, are equal,
 * or one of them is 0, or at an end.
 * @param {number} x @param {number} y @param {number} alongX @param {number} alongY
 */
function squareShare(x, y, alongX, alongY) {
  SHARES[1] = x / alongX;
  SHARES[2] = y / alongY;
  SHARES[3] = (x - y) / (alongX - alongY);
  SHARES[4] = (x + y) / (alongX + alongY);
  let best = 0;
  let least = Infinity;
  for (let at = 0; at < SHARES.length; at++) {
    const share = Math.min(1, Math.max(0, SHARES[at] || 0));
    const away = Math.max(Math.abs(x - share * alongX), Math.abs(y - share * alongY));
    if (away >= least) continue;
    least = away;
    best = share;
  }
  return best;
}

/**
 * How strongly the brush paints at a distance: 1 inside, smooth to 0 at the radius, half a pixel of softness at least.
 * @param {number} squaredDistance @param {number} radius @param {number} hardness 0 to 1 @returns {number} 0 to 1
 */
export function strength(squaredDistance, radius, hardness) {
  const outer = radius + 0.5;
  if (squaredDistance >= outer * outer) return 0;
  const inner = Math.max(0, Math.min(radius * hardness, radius - 0.5));
  if (squaredDistance <= inner * inner) return 1;
  const share = (outer - Math.sqrt(squaredDistance)) / (outer - inner);
  return share * share * (3 - 2 * share);
}

/** @param {number[]} points @param {number} at @returns {BrushPoint} */
function pointAt(points, at) {
  return { x: points[at], y: points[at + 1], pressure: points[at + 2] };
}

/** @param {BrushPoint} from @param {BrushPoint} to @param {number} share @returns {BrushPoint} */
function between(from, to, share) {
  return {
    x: from.x + (to.x - from.x) * share,
    y: from.y + (to.y - from.y) * share,
    pressure: from.pressure + (to.pressure - from.pressure) * share,
  };
}
