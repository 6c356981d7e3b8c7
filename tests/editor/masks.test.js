// The pure modules that make mask pixels: tiles, brush, shapes, growing, bucket, run lengths, PNG, polarity.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";

import { paintSegment, paintStroke, strength } from "../../artifacts/editor/brush.js";
import { flood } from "../../artifacts/editor/flood.js";
import { feathered, grown, shrunk } from "../../artifacts/editor/morphology.js";
import { toBase64, writePng } from "../../artifacts/editor/png.js";
import { maskValues, polarityOf } from "../../artifacts/editor/polarity.js";
import { decodeRuns, encodeRuns } from "../../artifacts/editor/runs.js";
import { blend, ellipseOutline, fillOutline, rectangleOutline } from "../../artifacts/editor/shapes.js";
import { MaskTiles, TILE } from "../../artifacts/editor/tiles.js";

const HARD = { size: 20, hardness: 1, opacity: 1, erase: false };
const CLIP = { x: 0, y: 0, width: 3000, height: 2000 };

/** A small generator with a seed, so that a failure can be repeated. */
function numbers(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x7fffffff;
}

const noise = (length, seed) => {
  const next = numbers(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
};

test("run lengths give back every sequence, and refuse damaged ones", () => {
  const cases = [new Uint8Array(0), new Uint8Array(1_000_000), Uint8Array.from([1]), noise(5000, 3), new Uint8Array(40_000).fill(255, 300, 20_000)];
  for (const values of cases) assert.deepEqual(decodeRuns(encodeRuns(values), values.length), values);
  assert.ok(encodeRuns(new Uint8Array(1_000_000)).length < 8);
  assert.throws(() => decodeRuns(encodeRuns(new Uint8Array(9)), 8), RangeError);
  assert.throws(() => decodeRuns(encodeRuns(new Uint8Array(9)), 10), RangeError);
});

test("reading and writing meet across tile borders and left of zero", () => {
  const tiles = new MaskTiles();
  const box = { x: -30, y: TILE - 20, width: TILE + 60, height: 45 };
  const values = noise(box.width * box.height, 7);
  tiles.write(box, values);
  assert.deepEqual(tiles.read(box), values);
  assert.equal(tiles.at(-30, TILE - 20), values[0]);
  assert.equal(tiles.at(-31, TILE - 20), 0);
});

test("a swap takes a change back exactly, and again does it again", () => {
  const tiles = new MaskTiles();
  tiles.write({ x: 5, y: 5, width: 40, height: 40 }, noise(1600, 1));
  const before = tiles.read(CLIP);
  tiles.begin();
  paintStroke(tiles, CLIP, { ...HARD, size: 90 }, [10, 10, 1, 2500, 1500, 1]);
  const after = tiles.read(CLIP);
  const undo = tiles.end();
  const redo = tiles.swap(undo);
  assert.deepEqual(tiles.read(CLIP), before);
  tiles.swap(redo);
  assert.deepEqual(tiles.read(CLIP), after);
});

test("a cleared mask comes back", () => {
  const tiles = new MaskTiles();
  paintStroke(tiles, CLIP, HARD, [100, 100, 1, 1500, 1100, 1]);
  const before = tiles.read(CLIP);
  tiles.begin();
  tiles.clear();
  const undo = tiles.end();
  assert.equal(tiles.extent(CLIP).count, 0);
  tiles.swap(undo);
  assert.deepEqual(tiles.read(CLIP), before);
});

test("the extent counts what is masked and says where", () => {
  const tiles = new MaskTiles();
  tiles.write({ x: 1000, y: 900, width: 100, height: 300 }, new Uint8Array(30_000).fill(9));
  const found = { count: 30_000, box: { x: 1000, y: 900, width: 100, height: 300 } };
  assert.deepEqual(tiles.extent(CLIP), found);
  assert.deepEqual(tiles.extent(CLIP), found, "the remembered numbers are the same");
  assert.deepEqual(tiles.extent({ x: 0, y: 0, width: 1050, height: 1000 }), { count: 5000, box: { x: 1000, y: 900, width: 50, height: 100 } });
  tiles.write({ x: 0, y: 0, width: 1, height: 1 }, Uint8Array.of(1));
  assert.equal(tiles.extent(CLIP).count, 30_001);
});

test("a hard brush fills a circle of its size and nothing beyond", () => {
  const tiles = new MaskTiles();
  paintStroke(tiles, CLIP, HARD, [100, 100, 1]);
  for (let y = 80; y < 120; y++) {
    for (let x = 80; x < 120; x++) {
      const away = Math.hypot(x + 0.5 - 100, y + 0.5 - 100);
      if (away <= 9.5) assert.equal(tiles.at(x, y), 255, `${x},${y}`);
      if (away >= 10.5) assert.equal(tiles.at(x, y), 0, `${x},${y}`);
    }
  }
  const area = tiles.read(CLIP).reduce((sum, value) => sum + value, 0) / 255;
  assert.ok(Math.abs(area - Math.PI * 100) < 4, `area ${area}`);
});

test("overlapping soft strokes never get stronger than the brush", () => {
  const tiles = new MaskTiles();
  const soft = { size: 40, hardness: 0, opacity: 0.5, erase: false };
  const points = [100, 100, 1, 140, 100, 1, 100, 100, 1, 140, 100, 1];
  paintStroke(tiles, CLIP, soft, points);
  assert.equal(Math.max(...tiles.read({ x: 60, y: 60, width: 120, height: 80 })), 128);
  const once = tiles.read(CLIP);
  paintStroke(tiles, CLIP, soft, points);
  assert.deepEqual(tiles.read(CLIP), once);
});

test("hardness and pressure shape the brush", () => {
  assert.equal(strength(0, 10, 0), 1);
  assert.equal(strength(11 ** 2, 10, 0.5), 0);
  assert.equal(strength(5 ** 2, 10, 0.5), 1);
  const half = strength(7.75 ** 2, 10, 0.5);
  assert.ok(half > 0.4 && half < 0.6, `${half}`);
  const tiles = new MaskTiles();
  paintStroke(tiles, CLIP, HARD, [50, 50, 0.5]);
  assert.equal(tiles.extent(CLIP).box.width, 10);
});

test("the eraser takes away, the clip keeps out, the changed box holds every change", () => {
  const tiles = new MaskTiles();
  const clip = { x: 0, y: 0, width: 60, height: 50 };
  const box = paintSegment(tiles, clip, HARD, { x: 55, y: 20, pressure: 1 }, { x: 90, y: 20, pressure: 1 });
  assert.deepEqual(tiles.extent({ x: -10, y: -10, width: 200, height: 200 }).box, { x: 45, y: 10, width: 15, height: 20 });
  assert.ok(box.x <= 45 && box.y <= 10 && box.x + box.width === 60 && box.y + box.height >= 30);
  paintStroke(tiles, clip, { ...HARD, size: 200, erase: true }, [50, 20, 1]);
  assert.equal(tiles.extent(clip).count, 0);
});

test("a long line is the same in one piece and in many", () => {
  const one = new MaskTiles();
  const many = new MaskTiles();
  paintStroke(one, CLIP, HARD, [20, 30, 1, 1220, 930, 1]);
  const points = Array.from({ length: 101 }, (_, index) => [20 + 12 * index, 30 + 9 * index, 1]).flat();
  paintStroke(many, CLIP, HARD, points);
  const [a, b] = [one.read(CLIP), many.read(CLIP)];
  assert.ok(a.every((value, at) => Math.abs(value - b[at]) <= 1));
});

test("rectangles are exact, ellipses have the right area, lassos may cross themselves", () => {
  const box = { x: 10, y: 20, width: 30, height: 7 };
  const rectangle = fillOutline(rectangleOutline(box), CLIP);
  assert.deepEqual(rectangle.box, box);
  assert.ok(rectangle.values.every((value) => value === 255));
  const ellipse = fillOutline(ellipseOutline({ x: 100, y: 100, width: 200, height: 80 }), CLIP);
  const area = ellipse.values.reduce((sum, value) => sum + value, 0) / 255;
  assert.ok(Math.abs(area - Math.PI * 100 * 40) < 25, `area ${area}`);
  const around = (angle) => ({ x: 200 + 90 * Math.cos(angle), y: 200 + 90 * Math.sin(angle) });
  const star = fillOutline([0, 2, 4, 1, 3].map((corner) => around((corner * 2 * Math.PI) / 5)), CLIP);
  assert.equal(star.values[(200 - star.box.y) * star.box.width + 200 - star.box.x], 255, "the middle of a star is inside");
});

test("shapes outside the clip leave nothing, subtracting takes away", () => {
  assert.equal(fillOutline(rectangleOutline({ x: -50, y: -50, width: 40, height: 40 }), CLIP), null);
  assert.equal(fillOutline([{ x: 0, y: 0 }, { x: 9, y: 9 }], CLIP), null);
  const tiles = new MaskTiles();
  tiles.write({ x: 0, y: 0, width: 10, height: 1 }, new Uint8Array(10).fill(255));
  blend(tiles, { x: 4, y: 0, width: 10, height: 1 }, new Uint8Array(10).fill(200), true);
  assert.deepEqual([...tiles.read({ x: 0, y: 0, width: 12, height: 1 })], [255, 255, 255, 255, 55, 55, 55, 55, 55, 55, 0, 0]);
});

test("growing reaches exactly the pixels within the radius", () => {
  const size = { width: 41, height: 37 };
  for (let seed = 1; seed <= 12; seed++) {
    const next = numbers(seed * 77);
    const values = new Uint8Array(size.width * size.height);
    for (let dot = 0; dot < 4; dot++) values[Math.floor(next() * values.length)] = 255;
    const radius = 1 + Math.floor(next() * 9);
    const result = grown(values, size, radius);
    const dots = [...values.keys()].filter((at) => values[at]);
    for (let at = 0; at < values.length; at++) {
      const away = Math.min(...dots.map((dot) => Math.hypot((at % 41) - (dot % 41), Math.floor(at / 41) - Math.floor(dot / 41))));
      const expected = Math.round(255 * Math.max(0, Math.min(1, radius + 0.5 - away)));
      assert.equal(result[at], expected, `seed ${seed}, radius ${radius}, pixel ${at}`);
    }
  }
});

test("shrinking is growing of what is not masked, and keeps the picture's edge", () => {
  const size = { width: 20, height: 20 };
  const values = new Uint8Array(400).fill(255);
  assert.deepEqual(shrunk(values, size, 5), values);
  values[0] = 0;
  const result = shrunk(values, size, 5);
  assert.equal(result[4], 0);
  assert.equal(result[6], 255);
  assert.deepEqual(grown(new Uint8Array(400), size, 3), new Uint8Array(400));
});

test("feathering keeps the inside and the outside, falls in between and loses nothing on the way", () => {
  const size = { width: 200, height: 9 };
  const values = new Uint8Array(1800);
  for (let y = 0; y < 9; y++) values.fill(255, y * 200 + 100, (y + 1) * 200);
  const result = feathered(values, size, 12).subarray(800, 1000);
  assert.equal(result[100 - 14], 0);
  assert.equal(result[100 + 14], 255);
  for (let x = 1; x < 200; x++) assert.ok(result[x] >= result[x - 1]);
  assert.ok(Math.abs(result[100] - 128) < 16);
});

/** A picture of small tiles made by a function of x and y that gives grey values. */
function picture(width, height, grey, tile = 8) {
  return {
    size: { width, height },
    tile,
    pixels(column, row) {
      const across = Math.min(tile, width - column * tile);
      const down = Math.min(tile, height - row * tile);
      const data = new Uint8ClampedArray(4 * across * down);
      for (let at = 0; at < across * down; at++) {
        const value = grey(column * tile + (at % across), row * tile + Math.floor(at / across));
        data.set([value, value, value, 255], 4 * at);
      }
      return { data, width: across };
    },
  };
}

test("the bucket fills what is connected and near in colour, across tiles", () => {
  const ring = (x, y) => (Math.abs(Math.hypot(x - 20, y - 15) - 10) < 1.2 ? 200 : 50 + (x % 3));
  const colours = picture(41, 31, ring);
  const inside = flood(colours, 20, 15, 5);
  const at = (found, x, y) => (y < found.box.y || y >= found.box.y + found.box.height ? 0 : found.values[(y - found.box.y) * found.box.width + x]);
  assert.equal(at(inside, 20, 20), 255);
  assert.equal(at(inside, 0, 0), 0);
  const outside = flood(colours, 0, 0, 5);
  assert.equal(at(outside, 40, 30), 255);
  assert.equal(at(outside, 20, 15), 0);
  assert.ok(flood(colours, 3, 3, 255).values.every((value) => value === 255));
  assert.equal(flood(colours, 0, 0, 0).values.filter(Boolean).length < 41 * 31, true);
});

/** Reads a PNG without filters, as written here; independent of the writer's own code. */
function readPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert.deepEqual([...bytes.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = {};
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    chunks[String.fromCharCode(...bytes.subarray(at + 4, at + 8))] = bytes.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return { header: chunks.IHDR, lines: inflateSync(chunks.IDAT) };
}

test("a grey PNG holds one channel and every value", async () => {
  const [width, height] = [301, 517];
  const values = noise(width * height, 5);
  const { header, lines } = readPng(await writePng(width, height, 1, (top, count) => values.subarray(top * width, (top + count) * width)));
  assert.deepEqual([...header], [0, 0, 1, 45, 0, 0, 2, 5, 8, 0, 0, 0, 0]);
  assert.equal(lines.length, (width + 1) * height);
  for (let y = 0; y < height; y++) assert.deepEqual(lines.subarray(y * 302 + 1, (y + 1) * 302), Buffer.from(values.subarray(y * width, (y + 1) * width)));
});

test("base64 of any length is what everyone else writes", () => {
  for (const length of [0, 1, 2, 3, 24_576, 60_001]) {
    const bytes = noise(length, length + 1);
    assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
  }
});

const rgba = (...pixels) => Uint8ClampedArray.from(pixels.flat());
const [WHITE, BLACK, CLEAR] = [[255, 255, 255, 255], [0, 0, 0, 255], [0, 0, 0, 0]];

test("polarity: transparency first, else what the edge is not", () => {
  const framed = (edge, middle) => rgba(...Array.from({ length: 9 }, (_, at) => (at === 4 ? middle : edge)));
  assert.equal(polarityOf(framed(BLACK, WHITE), 3, 3), "white");
  assert.equal(polarityOf(framed(WHITE, BLACK), 3, 3), "black");
  assert.equal(polarityOf(framed(WHITE, CLEAR), 3, 3), "alpha");
  for (const [pixels, polarity] of [[framed(BLACK, WHITE), "white"], [framed(WHITE, BLACK), "black"], [framed(WHITE, CLEAR), "alpha"]]) {
    assert.deepEqual([...maskValues(pixels, polarity)], [0, 0, 0, 0, 255, 0, 0, 0, 0], polarity);
  }
});
