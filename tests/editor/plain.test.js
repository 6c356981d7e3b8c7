// The bridge takes the words out of picture files before the frame gets them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const source = readFileSync(new URL("../../shared/flux_studio/webui/editor/plain.js", import.meta.url), "utf8");
const pixelsAlone = new Function(`${source}; return fluxStudioPixelsAlone;`)();
const letters = (text) => [...text].map((each) => each.charCodeAt(0));
const number = (value, bytes, little = false) => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, little);
  const all = [...new Uint8Array(view.buffer)];
  return little ? all.slice(0, bytes) : all.slice(4 - bytes);
};
const buffer = (bytes) => new Uint8Array(bytes).buffer;
const bytes = (data) => [...new Uint8Array(data)];

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const chunk = (kind, body) => [...number(body.length, 4), ...letters(kind), ...body, 0, 0, 0, 0];
const segment = (marker, body) => [0xff, marker, ...number(body.length + 2, 2), ...body];
const part = (kind, body) => [...letters(kind), ...number(body.length, 4, true), ...body, ...(body.length % 2 ? [0] : [])];
const riff = (parts) => [...letters("RIFF"), ...number(parts.length + 4, 4, true), ...letters("WEBP"), ...parts];
const RECIPE = letters('{"flux_studio":{"prompt":"a fox"}}');
const WIDE = RECIPE.flatMap((each) => [0, each]);

test("a PNG loses its texts and nothing else", () => {
  const kept = [chunk("IHDR", [1, 2, 3]), chunk("iCCP", letters("profile")), chunk("IDAT", [4, 5, 6]), chunk("IEND", [])];
  const whole = [...SIGNATURE, ...kept[0], ...chunk("iTXt", RECIPE), ...kept[1], ...chunk("tEXt", letters("x")), ...kept[2], ...kept[3]];
  assert.deepEqual(bytes(pixelsAlone(buffer(whole), "image/png")), [...SIGNATURE, ...kept.flat()]);
});

test("a JPEG loses the recipe in its EXIF, keeps the EXIF of a camera and every byte of the pixels", () => {
  const camera = segment(0xe1, letters("Exif\0\0orientation"));
  const pixels = [0xff, 0xda, 0, 3, 9, 9, 0xff, 0xfe, 7, 0xff, 0xd9];
  for (const words of [RECIPE, WIDE]) {
    const whole = [0xff, 0xd8, ...segment(0xe1, words), ...camera, ...segment(0xfe, letters("comment")), ...pixels];
    assert.deepEqual(bytes(pixelsAlone(buffer(whole), "image/jpeg")), [0xff, 0xd8, ...camera, ...pixels]);
  }
});

test("a WebP loses the recipe and its length is told anew", () => {
  const picture = part("VP8 ", [1, 2, 3]);
  const whole = riff([...picture, ...part("EXIF", RECIPE)]);
  assert.deepEqual(bytes(pixelsAlone(buffer(whole), "image/webp")), riff(picture));
});

test("what is cut or unknown stays as it is", () => {
  for (const [mime, data] of [["image/png", [...SIGNATURE, 0, 0, 0, 99, 1]], ["image/jpeg", [0xff, 0xd8, 0xff]], ["image/gif", [1, 2]]]) {
    assert.deepEqual(bytes(pixelsAlone(buffer(data), mime)), data);
  }
});
