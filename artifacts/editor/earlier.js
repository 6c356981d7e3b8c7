// @ts-check
// Masks that were there before: kept when one is sent, cleared or replaced, to be looked at and taken again.

import { boxOf, sameBox } from "./geometry.js";
import { decodeRuns, encodeRuns } from "./runs.js";
import { MaskTiles } from "./tiles.js";

/** @import { MaskDocument } from "./document.js" */
/** @import { Box, Size } from "./geometry.js" */
/** @typedef {{box: Box, runs: Uint8Array, picture: Size}} EarlierMask the values in the box, on a picture of that size */

const MOST = 6;

/** @param {EarlierMask[]} rows newest first @param {MaskDocument} document @returns {EarlierMask[]} with its mask first, each mask once */
export function withMask(rows, document) {
  const { width, height } = document.picture;
  const { box } = document.tiles.extent(boxOf(document.picture));
  if (!box) return rows;
  const row = { box, runs: encodeRuns(document.tiles.read(box)), picture: { width, height } };
  return [row, ...rows.filter((other) => !sameMask(row, other))].slice(0, MOST);
}

/** @param {EarlierMask[]} rows @param {Size} picture @returns {EarlierMask[]} those that fit */
export function fitting(rows, { width, height }) {
  return rows.filter(({ picture }) => picture.width === width && picture.height === height);
}

/** @param {EarlierMask} row @returns {MaskTiles} @throws {RangeError} damaged runs */
export function tilesOf({ box, runs }) {
  const tiles = new MaskTiles();
  tiles.write(box, decodeRuns(runs, box.width * box.height));
  return tiles;
}

/** @param {EarlierMask} a @param {EarlierMask} b */
function sameMask(a, b) {
  return sameBox(a.box, b.box) && a.runs.length === b.runs.length && a.runs.every((byte, at) => byte === b.runs[at]);
}
