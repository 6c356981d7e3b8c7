// The pure modules of requests and results: modes, orders, prices, words, formats, differences, halves.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bitsPerChannel } from "../../artifacts/editor/depth.js";
import { Editor } from "../../artifacts/editor/editor.js";
import { fromHalf, halves, shiftTo } from "../../artifacts/editor/halves.js";
import { colours, heatMap } from "../../artifacts/editor/heat.js";
import { fittingModel, isPossible, modeOf, MODES, wordsFor, wordsWanted } from "../../artifacts/editor/modes.js";
import { planned, readOrders } from "../../artifacts/editor/ordering.js";
import { readPrompts, remembered } from "../../artifacts/editor/prompts.js";
import { reasonNotToSend, requestBody, sumText } from "../../artifacts/editor/sending.js";

const model = (id, tasks, more = {}) => ({
  ...{ id, label: id, summary: "", tasks, mask: "white_repaints", prompt: "required", options: [], seed: true, formats: ["jpeg", "png", "webp"] },
  ...{ format: "jpeg", maxCount: 4, provider: "bfl", state: "current", ...more },
});
const FILL = model("fill", ["expand", "inpaint"], { prompt: "optional" });
const ERASE = model("erase", ["erase"], { prompt: "none", seed: false, maxCount: 1 });
const PRO = model("pro", ["edit"], { mask: "none" });
const WISHES = { prompt: "a boat", mode: "fill", model: "fill", also: [], options: {}, seed: "", count: 1, protect: true, format: "", seam: null };

test("a mode takes the first model that has its most fitting task, and keeps one that has it", () => {
  const models = [FILL, ERASE, PRO];
  const chosen = (mode, current, usable = models) => fittingModel(modeOf(mode), usable, current)?.id;
  assert.equal(chosen("fill", PRO), "fill");
  assert.equal(chosen("fill", FILL), "fill");
  assert.equal(chosen("remove", FILL), "erase");
  assert.equal(chosen("remove", FILL, [FILL, PRO]), "pro");
  assert.equal(chosen("extend", ERASE), "fill");
  assert.equal(chosen("whole", FILL), "pro");
  assert.equal(chosen("harmonise", FILL), "pro");
  assert.equal(chosen("whole", FILL, [FILL, ERASE]), "fill", "nothing fits: the model stays and the button says why");
  assert.equal(chosen("whole", null, [{ ...PRO, state: "withdrawn" }]), undefined);
  assert.ok(isPossible(modeOf("whole"), models));
  assert.ok(!isPossible(modeOf("whole"), [FILL, ERASE, { ...PRO, state: "withdrawn" }]));
  assert.equal(modeOf("of a later release"), MODES[0]);
});

test("a model that follows instructions gets a sentence, any other the words alone", () => {
  const words = (mode, which, prompt) => wordsFor(modeOf(mode), which, prompt);
  assert.equal(words("fill", PRO, "  a boat "), "a boat");
  assert.equal(words("add", FILL, "a boat"), "a boat");
  assert.equal(words("add", PRO, "a boat."), "Add a boat. Match light, shadows and perspective. Keep everything else as it is.");
  assert.equal(words("background", PRO, "$& and $1"), "Replace the background with $& and $1. Keep the subject exactly as it is.");
  assert.equal(words("add", PRO, " "), "", "without words there is nothing to add");
  assert.match(words("remove", PRO, "ignored"), /^Remove the object/);
  assert.equal(words("remove", FILL, "a boat"), "", "naming it would paint it");
  assert.match(words("remove", { ...FILL, prompt: "required" }, ""), /^Remove the object/);
  assert.equal(words("remove", ERASE, "a boat"), "");
  assert.match(words("harmonise", PRO, ""), /^Match light/);
  assert.match(words("harmonise", PRO, "warm light"), /surroundings: warm light\. Keep/);
  const wanted = (mode, which) => wordsWanted(modeOf(mode), which);
  assert.deepEqual([wanted("fill", PRO), wanted("fill", FILL), wanted("fill", ERASE), wanted("remove", PRO), wanted("harmonise", PRO)], ["required", "optional", "none", "none", "optional"]);
});

test("a request holds what was asked for and nothing that does not count", () => {
  const body = (wishes, mode = "fill", which = FILL, region = null) =>
    requestBody({ wishes: { ...WISHES, ...wishes }, mode: modeOf(mode), model: which, mask: "MASK", picture: "p", region });
  assert.deepEqual(body({}), { model: "fill", prompt: "a boat", mask: "MASK", picture: "p", protect: true, count: 1 });
  assert.equal(body({ seam: 0 }).seam, 0);
  assert.deepEqual(body({ seam: 8, format: "webp" }), { ...body({}), seam: 8 }, "a protected result is PNG anyway");
  assert.equal(body({ protect: false, format: "webp", seam: 8 }).format, "webp");
  assert.ok(!("seam" in body({ protect: false, seam: 8 })));
  assert.ok(!("format" in body({ protect: false, format: "jpeg" })), "what the model delivers anyway");
  assert.ok(!("format" in body({ protect: false, format: "png" }, "fill", { ...FILL, formats: ["jpeg"] })));
  const region = { x: 0, y: 0, width: 5, height: 5 };
  assert.deepEqual(body({}, "fill", FILL, region).region, region);
  const whole = body({ format: "png" }, "whole", PRO, region);
  assert.deepEqual(whole, { model: "pro", prompt: "a boat", whole: true, picture: "p", protect: false, format: "png", count: 1 });
  assert.deepEqual(body({ options: { fill: {}, pro: { a: 1 } }, seed: "7", count: 4 }, "fill", ERASE), { model: "erase", prompt: "", mask: "MASK", picture: "p", protect: true, count: 1 });
});

test("the whole picture needs words and a model that edits, but no mask", () => {
  const empty = { painted: false, empty: true, full: false };
  const why = (which, prompt) => reasonNotToSend({ model: which, prompt, frame: null, picture: { width: 5, height: 5 }, coverage: empty, whole: true, busy: "" });
  assert.equal(why(PRO, "winter"), null);
  assert.equal(why(PRO, " "), "reason.noPrompt");
  assert.equal(why(FILL, "winter"), "reason.noWhole");
});

test("one press names every order, and none is placed twice", () => {
  let last = 0;
  const uuid = () => `id-${++last}`;
  const first = planned(["A", "B"], [], uuid);
  assert.deepEqual(first.map((order) => [order.request, order.arrived]), [["id-1", false], ["id-2", false]]);
  first[0].arrived = true;
  const again = planned(["A", "B"], first, uuid);
  assert.deepEqual(again.map((order) => [order.request, order.arrived]), [["id-1", true], ["id-2", false]], "only the lost one is sent");
  assert.deepEqual(planned(["B"], first, uuid).map((order) => order.request), ["id-2"]);
  assert.deepEqual(planned(["A"], first, uuid).map((order) => [order.request, order.arrived]), [["id-3", false]], "an arrived one may be wished again");
  assert.deepEqual(planned(["A", "C"], first, uuid).map((order) => order.request), ["id-1", "id-4"]);
  const all = first.map((order) => ({ ...order, arrived: true }));
  assert.deepEqual(planned(["A", "B"], all, uuid).map((order) => order.request), ["id-5", "id-6"], "the same wish once more is a new order");
});

test("after a reload an order that the server knows has arrived", () => {
  const stored = [{ request: "a", about: "1", arrived: false }, { request: "b", about: "2", arrived: false }, { request: 5 }, null];
  assert.deepEqual(readOrders(stored, [{ job: "a" }]).map((order) => order.arrived), [true, false]);
  assert.deepEqual(readOrders(stored, [{ job: "a" }, { job: "b" }]), []);
  assert.deepEqual(readOrders("nonsense", []), []);
});

test("prices of several models are added by currency", () => {
  assert.equal(sumText([{ credits: 5, currency: "credits" }, { credits: 3, currency: "credits" }]), "8 credits");
  assert.equal(sumText([{ credits: 5, currency: "credits" }, { credits: 0.04, currency: "USD" }]), "5 credits + 0.04 USD");
  assert.equal(sumText([{ credits: 5 }, { credits: null }]), "5 credits + ?");
  assert.equal(sumText([{ credits: null }]), "");
  assert.equal(sumText([]), "");
});

test("the last ten different words are kept, newest first", () => {
  let prompts = [];
  for (let at = 0; at < 12; at++) prompts = remembered(prompts, `  number ${at} `);
  assert.equal(prompts.length, 10);
  assert.deepEqual(prompts.slice(0, 2), ["number 11", "number 10"]);
  assert.equal(remembered(prompts, "number 5")[0], "number 5");
  assert.equal(remembered(prompts, "number 5").length, 10);
  assert.equal(remembered(prompts, "  "), prompts);
  assert.deepEqual(readPrompts(["a", 5, "", null, "b"]), ["a", "b"]);
  assert.deepEqual(readPrompts({ length: 3 }), []);
});

test("the heat map leaves what stayed grey and colours what changed the more the brighter", () => {
  const before = new Uint8ClampedArray([100, 50, 200, 255, 100, 50, 200, 255, 10, 10, 10, 255, 10, 10, 10, 255, 9, 9, 9, 0, 9, 9, 9, 255]);
  const after = new Uint8ClampedArray([100, 50, 200, 255, 101, 52, 199, 255, 20, 10, 10, 255, 255, 10, 10, 255, 1, 2, 3, 255, 9, 9, 9, 0]);
  const found = heatMap(before, after);
  assert.deepEqual(found, { changed: 2, seen: 4 });
  const pixel = (at) => [...after.slice(4 * at, 4 * at + 4)];
  for (const at of [0, 1]) {
    const [red, green, blue, alpha] = pixel(at);
    assert.ok(red === green && green === blue && alpha === 255, "unchanged is grey, decoding noise of two levels too");
  }
  const brightness = ([red, green, blue]) => 0.299 * red + 0.587 * green + 0.114 * blue;
  assert.ok(brightness(pixel(3)) > brightness(pixel(2)) + 50);
  assert.ok(new Set(pixel(2).slice(0, 3)).size > 1);
  assert.deepEqual(pixel(4), [1, 2, 3, 255], "where one picture has nothing, nothing is said");
  const table = colours();
  const shades = Array.from({ length: 256 }, (_, level) => brightness(table.slice(3 * level, 3 * level + 3)));
  assert.ok(shades.every((shade, level) => level === 0 || shade >= shades[level - 1] - 0.5), "brighter means more, without telling hues apart");
});

test("side by side, each half shows the same place, and zooming keeps the point under the pointer", () => {
  const wide = { width: 1000, height: 400 };
  assert.deepEqual(halves(wide), [{ x: 0, y: 0, width: 500, height: 400 }, { x: 500, y: 0, width: 500, height: 400 }]);
  assert.deepEqual(halves({ width: 400, height: 1000 })[1], { x: 0, y: 500, width: 400, height: 500 });
  const [left, right] = halves(wide).map((half) => shiftTo(half, wide));
  assert.deepEqual(fromHalf({ x: 100 + left.x, y: 30 }, wide), { x: 100, y: 30 });
  assert.deepEqual(fromHalf({ x: 400 + right.x, y: 30 }, wide), { x: 400, y: 30 });
  const editor = new Editor();
  editor.screen = wide;
  editor.picture = { width: 200, height: 100 };
  editor.comparison = { share: 0.5 };
  editor.compareBy("sides");
  const shown = editor.view.scale * 200;
  assert.ok(shown <= 500 && shown > 300, "all of it fits into one half");
  const under = (at) => (fromHalf(at, wide).x - editor.view.x) / editor.view.scale;
  const before = under({ x: 700, y: 200 });
  editor.zoom(1.5, { x: 700, y: 200 });
  assert.ok(Math.abs(under({ x: 700, y: 200 }) - before) < 1e-9);
  editor.compareBy("heat");
  assert.ok(editor.view.scale * 200 > 500, "alone it has the whole screen again");
});

test("sixteen bits are read off the header of a PNG", async () => {
  const png = (depth) => new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, depth, 2])]);
  assert.equal(await bitsPerChannel(png(16)), 16);
  assert.equal(await bitsPerChannel(png(8)), 8);
  assert.equal(await bitsPerChannel(new Blob([new Uint8Array(30).fill(16)])), 8);
  assert.equal(await bitsPerChannel(new Blob([])), 8);
});
