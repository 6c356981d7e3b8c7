// The pure modules behind further ways to mark: whole masks combined, parts, the bucket, the square tip, the views.

import assert from "node:assert/strict";
import { test } from "node:test";

import { paintSegment, paintStroke } from "../../artifacts/editor/brush.js";
import { MaskDocument } from "../../artifacts/editor/document.js";
import { fitting, tilesOf, withMask } from "../../artifacts/editor/earlier.js";
import { alike, flood } from "../../artifacts/editor/flood.js";
import { extendedBy, settled } from "../../artifacts/editor/frame.js";
import { coloured } from "../../artifacts/editor/overlay.js";
import { countParts } from "../../artifacts/editor/parts.js";
import { fromBase64, toBase64 } from "../../artifacts/editor/png.js";
import { encodeRuns } from "../../artifacts/editor/runs.js";
import { MaskTiles, TILE } from "../../artifacts/editor/tiles.js";

const PICTURE = { id: "one", width: 300, height: 200 };
const rectangle = (x, y, width, height, erase = false) => ({ kind: "rectangle", box: { x, y, width, height }, erase });
const wholeMask = (box, value, how) => ({ kind: "mask", box, runs: encodeRuns(new Uint8Array(box.width * box.height).fill(value)), how });
const marked = (document) => document.read(document.canvas).reduce((sum, value) => sum + (value > 127), 0);

/** A small generator with a seed, so that a failure can be repeated. */
function numbers(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x7fffffff;
}

/** A picture whose colours follow from the place. */
const colours = (width, height, colourAt, tile = 64) => ({
  size: { width, height },
  tile,
  pixels: (column, row) => {
    const tileWidth = Math.min(tile, width - column * tile);
    const tileHeight = Math.min(tile, height - row * tile);
    const data = new Uint8ClampedArray(4 * tileWidth * tileHeight);
    for (let y = 0; y < tileHeight; y++) {
      for (let x = 0; x < tileWidth; x++) data.set([...colourAt(column * tile + x, row * tile + y), 255], 4 * (y * tileWidth + x));
    }
    return { data, width: tileWidth };
  },
});

test("whole masks replace, join, take away and leave the common part, and each is undone", () => {
  const box = { x: 50, y: 0, width: 100, height: 200 };
  const overlap = 50 * 100;
  const expected = { replace: 100 * 200, add: 100 * 100 + 100 * 200 - overlap, subtract: 100 * 100 - overlap, intersect: overlap };
  for (const [how, count] of Object.entries(expected)) {
    const document = new MaskDocument(PICTURE);
    document.apply(rectangle(0, 50, 100, 100));
    document.apply(wholeMask(box, 255, how));
    assert.equal(marked(document), count, how);
    document.undo();
    assert.equal(marked(document), 100 * 100, how);
    document.redo();
    const again = MaskDocument.fromStored(structuredClone(document.toStored()), null);
    assert.equal(marked(again), count, `${how}, stored`);
  }
});

test("the common part of soft masks is the smaller value, and nothing where one of them is nothing", () => {
  const document = new MaskDocument(PICTURE);
  document.apply(wholeMask({ x: 0, y: 0, width: 300, height: 200 }, 200, "replace"));
  document.apply(wholeMask({ x: 10, y: 10, width: 20, height: 20 }, 90, "intersect"));
  assert.equal(document.tiles.at(15, 15), 90);
  assert.equal(document.tiles.at(9, 15), 0);
  assert.equal(document.tiles.at(290, 190), 0);
  document.apply({ kind: "clear" });
  document.apply(wholeMask({ x: 10, y: 10, width: 20, height: 20 }, 90, "intersect"));
  assert.equal(marked(document), 0);
});

test("parts are counted as a flood would, corners joined, over the borders of strips and tiles", () => {
  const width = 90;
  const height = 600;
  for (const density of [0.05, 0.3, 0.5, 0.65]) {
    const next = numbers(Math.round(density * 100));
    const values = Uint8Array.from({ length: width * height }, () => (next() < density ? 9 : 0));
    const read = (box) => values.subarray(box.y * width, (box.y + box.height) * width);
    assert.equal(countParts(read, { x: 0, y: 0, width, height }), floods(values, width, height), `density ${density}`);
  }
});

/** Counts by visiting every neighbour. */
function floods(values, width, height) {
  const seen = new Uint8Array(values.length);
  let parts = 0;
  for (let start = 0; start < values.length; start++) {
    if (!values[start] || seen[start]) continue;
    parts++;
    const waiting = [start];
    while (waiting.length) {
      const at = waiting.pop();
      if (seen[at]) continue;
      seen[at] = 1;
      const [x, y] = [at % width, Math.floor(at / width)];
      for (const [dx, dy] of [[-1, -1], [0, -1], [1, -1], [-1, 0], [1, 0], [-1, 1], [0, 1], [1, 1]]) {
        const [nx, ny] = [x + dx, y + dy];
        if (nx >= 0 && ny >= 0 && nx < width && ny < height && values[ny * width + nx]) waiting.push(ny * width + nx);
      }
    }
  }
  return parts;
}

test("a snake and its two heads are as many parts as they look", () => {
  const document = new MaskDocument({ id: "p", width: 3 * TILE, height: 400 });
  document.apply(rectangle(10, 10, 3 * TILE - 20, 5));
  document.apply(rectangle(10, 300, 3 * TILE - 20, 5));
  const parts = () => countParts((box) => document.read(box), document.coverage().box);
  assert.equal(parts(), 2);
  document.apply(rectangle(2000, 10, 3, 295));
  assert.equal(parts(), 1);
  document.apply({ kind: "frame", frame: { x: -100, y: 0, width: 3 * TILE + 100, height: 400 } });
  assert.equal(parts(), 2, "new ground is a part of its own");
});

test("the bucket reaches connected pixels, or all of the colour, as strongly as it is set", () => {
  const stripes = colours(200, 150, (x) => (x % 100 < 50 ? [200, 0, 0] : [0, 0, 200]));
  assert.equal(flood(stripes, 10, 10, 20).values.filter(Boolean).length, 50 * 150);
  assert.equal(alike(stripes, 10, 10, 20).values.filter(Boolean).length, 100 * 150);
  assert.equal(alike(stripes, 10, 10, 255).values.filter(Boolean).length, 200 * 150);
  const document = new MaskDocument({ id: "s", width: 200, height: 150 });
  document.colours = stripes;
  document.apply({ kind: "bucket", x: 10, y: 10, tolerance: 20, erase: false, opacity: 0.4, everywhere: true });
  assert.deepEqual([document.tiles.at(120, 70), document.tiles.at(60, 70)], [102, 0]);
  document.apply({ kind: "bucket", x: 120, y: 10, tolerance: 20, erase: true, opacity: 0.8 });
  assert.deepEqual([document.tiles.at(120, 70), document.tiles.at(20, 70)], [51, 102]);
  document.apply({ kind: "bucket", x: 60, y: 10, tolerance: 20, erase: false });
  assert.equal(document.tiles.at(60, 70), 255, "a fill of an earlier version is a full one");
});

test("earlier masks: newest first, each once, six at most, only where they fit", () => {
  const document = new MaskDocument(PICTURE);
  assert.deepEqual(withMask([], document), []);
  let rows = [];
  for (let at = 0; at < 8; at++) {
    document.apply({ kind: "clear" });
    document.apply(rectangle(10 * at, 5, 8, 9));
    rows = withMask(rows, document);
  }
  assert.deepEqual(rows.map(({ box }) => box.x), [70, 60, 50, 40, 30, 20]);
  document.apply({ kind: "clear" });
  document.apply(rectangle(30, 5, 8, 9));
  rows = withMask(rows, document);
  assert.deepEqual(rows.map(({ box }) => box.x), [30, 70, 60, 50, 40, 20]);
  assert.equal(fitting(rows, { width: 300, height: 200 }).length, 6);
  assert.equal(fitting(rows, { width: 300, height: 201 }).length, 0);
  assert.equal(tilesOf(rows[0]).at(33, 10), 255);
});

test("a square tip paints squares, and on the way exactly what the square has covered", () => {
  const clip = { x: 0, y: 0, width: 400, height: 300 };
  const brush = { size: 21, hardness: 1, opacity: 1, erase: false, square: true };
  const dab = new MaskTiles();
  paintStroke(dab, clip, brush, [100.5, 100.5, 1]);
  assert.deepEqual(dab.extent(clip), { count: 21 * 21, box: { x: 90, y: 90, width: 21, height: 21 } });
  for (const [from, to] of [[[60, 60], [300, 90]], [[300, 250], [60, 70]], [[50, 100], [350, 100]], [[90, 20], [90, 280]], [[60, 200], [260, 40]]]) {
    const line = new MaskTiles();
    paintSegment(line, clip, brush, { x: from[0], y: from[1], pressure: 1 }, { x: to[0], y: to[1], pressure: 1 });
    const values = line.read(clip);
    let wrong = 0;
    for (let y = 0; y < clip.height; y++) {
      for (let x = 0; x < clip.width; x++) {
        const away = nearestSquare(x + 0.5, y + 0.5, from, to);
        if (away < 10 && values[y * clip.width + x] !== 255) wrong++;
        if (away > 11.1 && values[y * clip.width + x] !== 0) wrong++;
      }
    }
    assert.equal(wrong, 0, `${from} to ${to}`);
  }
});

/** The least distance, across or down, of a point to a fine sequence of points on the line. */
function nearestSquare(x, y, from, to) {
  let least = Infinity;
  for (let step = 0; step <= 2000; step++) {
    const share = step / 2000;
    const away = Math.max(Math.abs(x - from[0] - share * (to[0] - from[0])), Math.abs(y - from[1] - share * (to[1] - from[1])));
    if (away < least) least = away;
  }
  return least;
}

test("each view of the mask shows it in its own way", () => {
  const part = { x: 0, y: 0, width: 42, height: 42 };
  const values = new Uint8Array(42 * 42).fill(255);
  const shown = (style) => {
    const pixels = new Uint32Array(40 * 40);
    coloured(values, part, pixels, { red: 1, green: 2, blue: 3, strength: 0.5, style }, 0);
    return pixels;
  };
  assert.equal(shown("colour")[20 * 40 + 20], ((128 << 24) | 0x030201) >>> 0);
  assert.equal(shown("solid")[20 * 40 + 20], 0xffffffff);
  assert.equal(shown("negative")[20 * 40 + 20], 0xffffffff);
  const checks = shown("checks");
  assert.deepEqual(new Set(checks).size, 2);
  assert.notEqual(checks[20 * 40 + 4], checks[20 * 40 + 12]);
  assert.notEqual(checks[4 * 40 + 4], checks[12 * 40 + 4]);
  values.fill(0);
  for (const style of ["colour", "negative", "checks"]) assert.ok(shown(style).every((pixel) => pixel >>> 24 === 0), style);
  assert.ok(shown("solid").every((pixel) => pixel === 0xff000000));
});

test("a frame by a factor has the picture in its middle, and ends where frames end", () => {
  assert.deepEqual(extendedBy({ width: 400, height: 300 }, 1.5), { x: -100, y: -75, width: 600, height: 450 });
  assert.deepEqual(extendedBy({ width: 401, height: 301 }, 1.25), { x: -50, y: -37, width: 501, height: 376 });
  const large = { width: 6000, height: 4000 };
  assert.deepEqual(settled(extendedBy(large, 2), large), { x: -2048, y: -2000, width: 10096, height: 8000 });
});

test("base64 of masks is read back", () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at & 255);
  assert.deepEqual(new Uint8Array(fromBase64(toBase64(bytes))), bytes);
});
