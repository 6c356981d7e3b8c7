// The pure modules around the mask: document with undo, frame, view, what is sent, jobs, messages, texts.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { Bridge, CallFailed } from "../../artifacts/editor/bridge.js";
import { MaskDocument } from "../../artifacts/editor/document.js";
import { croppedTo, dragged, extendedTo, fromSides, outsideParts, pixelsFrom, reachesOut, settled, sidesOf } from "../../artifacts/editor/frame.js";
import { snapped, squared } from "../../artifacts/editor/geometry.js";
import { Jobs, previewAddress } from "../../artifacts/editor/jobs.js";
import { coloured, sampled } from "../../artifacts/editor/overlay.js";
import { checkedOption, optionsToSend, priceText, reasonNotToSend, seedFrom } from "../../artifacts/editor/sending.js";
import { hasText, percent, t } from "../../artifacts/editor/texts.js";
import { fitted, kept, toPicture, toScreen, zoomed } from "../../artifacts/editor/view.js";

const PICTURE = { id: "one", width: 300, height: 200 };
const rectangle = (x, y, width, height, erase = false) => ({ kind: "rectangle", box: { x, y, width, height }, erase });
const everything = (document) => document.read(document.canvas);

test("150 steps of every kind are undone and done again, each to the very pixel", () => {
  const document = new MaskDocument(PICTURE);
  const kinds = [
    (at) => rectangle(at, at % 90, 40, 30),
    (at) => ({ kind: "ellipse", box: { x: at, y: 50, width: 50, height: 60 }, erase: at % 2 === 1 }),
    (at) => ({ kind: "stroke", size: 9, hardness: 0.5, opacity: 0.9, erase: false, points: [at, 20, 1, at + 30, 90, 0.5] }),
    (at) => ({ kind: "outline", points: [{ x: at, y: 0 }, { x: at + 50, y: 60 }, { x: at - 30, y: 99 }], erase: false }),
    () => ({ kind: "invert" }),
    () => ({ kind: "shrink", radius: 3 }),
    () => ({ kind: "grow", radius: 2 }),
    () => ({ kind: "feather", radius: 4 }),
    (at) => ({ kind: "frame", frame: at % 3 ? { x: -at, y: -10, width: 340 + at, height: 230 } : null }),
    (at) => ({ kind: at % 2 ? "clear" : "fill" }),
  ];
  const states = [];
  for (let at = 0; at < 150; at++) {
    states.push([document.frame, everything(document)]);
    document.apply(kinds[at % kinds.length](at));
  }
  const last = everything(document);
  for (const [frame, pixels] of states.reverse()) {
    assert.ok(document.undo());
    assert.deepEqual([document.frame, everything(document)], [frame, pixels]);
  }
  assert.equal(document.undo(), null);
  while (document.redo());
  assert.deepEqual(everything(document), last);
});

test("a stroke painted live is the stroke repeated, and an abandoned one leaves nothing", () => {
  const live = new MaskDocument(PICTURE);
  const brush = { size: 30, hardness: 0.3, opacity: 0.8, erase: false };
  const points = [10, 10, 1, 60, 40, 0.7, 200, 150, 1];
  live.begin();
  live.paint(brush, { x: 10, y: 10, pressure: 1 }, { x: 10, y: 10, pressure: 1 });
  live.paint(brush, { x: 10, y: 10, pressure: 1 }, { x: 60, y: 40, pressure: 0.7 });
  live.paint(brush, { x: 60, y: 40, pressure: 0.7 }, { x: 200, y: 150, pressure: 1 });
  live.commit({ kind: "stroke", ...brush, points });
  const repeated = new MaskDocument(PICTURE);
  repeated.apply({ kind: "stroke", ...brush, points });
  assert.deepEqual(everything(live), everything(repeated));
  live.begin();
  live.paint(brush, { x: 5, y: 190, pressure: 1 }, { x: 290, y: 190, pressure: 1 });
  live.abandon();
  assert.deepEqual(everything(live), everything(repeated));
});

test("nothing disturbs a stroke that is being drawn", () => {
  const document = new MaskDocument(PICTURE);
  document.apply(rectangle(10, 10, 50, 50));
  document.begin();
  document.paint({ size: 30, hardness: 1, opacity: 1, erase: false }, { x: 200, y: 100, pressure: 1 }, { x: 250, y: 100, pressure: 1 });
  const pixels = everything(document);
  assert.equal(document.undo(), null);
  document.apply({ kind: "invert" });
  assert.deepEqual(everything(document), pixels);
  document.abandon();
  assert.deepEqual(document.coverage().box, { x: 10, y: 10, width: 50, height: 50 });
});

test("what is stored comes back with its pixels and its undo, over a change of the picture too", () => {
  const document = new MaskDocument(PICTURE);
  document.apply(rectangle(10, 10, 50, 50));
  document.apply({ kind: "picture", picture: { id: "two", width: 300, height: 200 }, origin: { x: 0, y: 0 } });
  document.apply(rectangle(100, 100, 50, 50));
  document.apply({ kind: "frame", frame: { x: 0, y: 0, width: 400, height: 200 } });
  const stored = structuredClone(document.toStored());
  const back = MaskDocument.fromStored(stored, null);
  assert.equal(back.picture.id, "two");
  assert.deepEqual(back.frame, document.frame);
  assert.deepEqual(everything(back), everything(document));
  back.undo();
  back.undo();
  document.undo();
  document.undo();
  assert.deepEqual(everything(back), everything(document));
  assert.equal(back.undo(), null);
  assert.equal(document.undo().kind, "picture");
  assert.equal(document.picture.id, "one");
});

test("the mask moves with a picture that was extended, and goes when it cannot be kept", () => {
  const document = new MaskDocument(PICTURE);
  document.apply(rectangle(10, 20, 30, 40));
  document.apply({ kind: "picture", picture: { id: "two", width: 400, height: 300 }, origin: { x: -60, y: -50 } });
  assert.deepEqual(document.coverage().box, { x: 70, y: 70, width: 30, height: 40 });
  document.apply({ kind: "picture", picture: { id: "three", width: 90, height: 90 }, origin: null });
  assert.ok(document.coverage().empty);
  document.undo();
  document.undo();
  assert.deepEqual(document.coverage().box, { x: 10, y: 20, width: 30, height: 40 });
});

test("beyond the picture everything is repainted; coverage says how much, and when it is all or nothing", () => {
  const document = new MaskDocument(PICTURE);
  assert.deepEqual(document.coverage(), { share: 0, box: null, empty: true, full: false, painted: false });
  document.apply({ kind: "frame", frame: { x: -100, y: 0, width: 400, height: 200 } });
  const coverage = document.coverage();
  assert.deepEqual(coverage, { share: 0.25, box: { x: -100, y: 0, width: 100, height: 200 }, empty: false, full: false, painted: false });
  const values = everything(document);
  assert.ok(values.every((value, at) => value === (at % 400 < 100 ? 255 : 0)));
  document.apply({ kind: "fill" });
  assert.ok(document.coverage().full);
});

test("painting stays within a frame that is smaller than the picture", () => {
  const document = new MaskDocument(PICTURE);
  document.apply({ kind: "frame", frame: { x: 50, y: 50, width: 64, height: 64 } });
  document.apply({ kind: "fill" });
  document.apply({ kind: "frame", frame: null });
  assert.deepEqual(document.coverage().box, { x: 50, y: 50, width: 64, height: 64 });
});

test("frames: limits, ratios, sides, handles", () => {
  assert.equal(settled({ x: 0.2, y: 0, width: 300, height: 200 }, PICTURE), null);
  assert.deepEqual(settled({ x: -9999, y: 0, width: 20000, height: 200 }, PICTURE), { x: -2048, y: 0, width: 4396, height: 200 });
  assert.deepEqual(settled({ x: 100, y: 100, width: 2, height: 2 }, PICTURE), { x: 100, y: 100, width: 64, height: 64 });
  assert.deepEqual(extendedTo(PICTURE, 16 / 9), { x: -28, y: 0, width: 356, height: 200 });
  assert.deepEqual(croppedTo(PICTURE, 1), { x: 50, y: 0, width: 200, height: 200 });
  const sides = { left: 10, top: -20, right: 30, bottom: 0 };
  assert.deepEqual(sidesOf(fromSides(sides, PICTURE), PICTURE), sides);
  assert.equal(pixelsFrom("25 %", 300), 75);
  assert.equal(pixelsFrom(" 12,5% ", 200), 25);
  assert.equal(pixelsFrom("-40px", 300), -40);
  assert.equal(pixelsFrom("a lot", 300), null);
  const frame = { x: 0, y: 0, width: 100, height: 100 };
  assert.deepEqual(dragged(frame, { x: -1, y: 0 }, { x: -20, y: 7 }, null), { x: -20, y: 0, width: 120, height: 100 });
  assert.deepEqual(dragged(frame, { x: 1, y: 1 }, { x: 100, y: 3 }, 2), { x: 0, y: 0, width: 200, height: 100 });
  assert.deepEqual(dragged(frame, { x: 0, y: 0 }, { x: 5, y: 6 }, null), { x: 5, y: 6, width: 100, height: 100 });
  assert.ok(reachesOut({ x: -1, y: 0, width: 10, height: 10 }, PICTURE));
  assert.ok(!reachesOut({ x: 0, y: 0, width: 300, height: 200 }, PICTURE));
  const outside = outsideParts({ x: -10, y: -20, width: 330, height: 240 }, PICTURE);
  assert.equal(outside.reduce((sum, part) => sum + part.width * part.height, 0), 330 * 240 - 300 * 200);
});

test("points turn to 45 degrees and to squares", () => {
  const { x, y } = snapped({ x: 0, y: 0 }, { x: 10, y: 9 });
  assert.ok(Math.abs(x - 9.5) < 1e-9 && Math.abs(y - 9.5) < 1e-9);
  assert.deepEqual(squared({ x: 5, y: 5 }, { x: 1, y: 15 }), { x: -5, y: 15 });
});

test("zooming keeps the point under the pointer, fitting shows all, panning keeps something in sight", () => {
  const screen = { width: 800, height: 600 };
  const box = { x: 0, y: 0, width: 4000, height: 2000 };
  const view = fitted(box, screen, 20);
  assert.equal(view.scale, 0.19);
  assert.ok(view.x >= 20 && view.y >= 20);
  const at = { x: 333, y: 222 };
  const before = toPicture(view, at);
  const near = zoomed(view, at, 7, 0.05);
  const after = toPicture(near, at);
  assert.ok(Math.hypot(before.x - after.x, before.y - after.y) < 1e-9);
  assert.equal(zoomed(view, at, 1e9, 0.05).scale, 32);
  assert.equal(zoomed(view, at, 1e-9, 0.05).scale, 0.05);
  const lost = kept({ scale: 1, x: 99999, y: -99999 }, box, screen);
  assert.deepEqual(toScreen(lost, { x: 0, y: 2000 }), { x: 752, y: 48 });
});

test("the overlay shows mask values under the screen's pixels and an edge where they begin", () => {
  const document = new MaskDocument(PICTURE);
  document.apply(rectangle(100, 50, 20, 20));
  const source = { tiles: document.tiles, canvas: document.canvas, picture: PICTURE };
  const part = { x: 190, y: 90, width: 60, height: 60 };
  const values = sampled(source, { scale: 2, x: 0, y: 0 }, part);
  for (let y = 0; y < 60; y++) {
    for (let x = 0; x < 60; x++) {
      const inside = x >= 10 && x < 50 && y >= 10 && y < 50;
      assert.equal(values[y * 60 + x], inside ? 255 : 0, `${x},${y}`);
    }
  }
  const pixels = new Uint32Array(58 * 58);
  coloured(values, part, pixels, { red: 1, green: 2, blue: 3, strength: 0.5, style: "colour" }, 0);
  assert.equal(pixels[0] >>> 24, 0);
  assert.equal(pixels[30 * 58 + 30], ((128 << 24) | (3 << 16) | (2 << 8) | 1) >>> 0);
  assert.ok([0xff000000, 0xffffffff].includes(pixels[9 * 58 + 30]));
});

const MODEL = { id: "fill", tasks: ["inpaint"], prompt: "optional", state: "current", seed: true, maxCount: 4, options: [] };
const READY = { model: MODEL, prompt: "", frame: null, picture: PICTURE, coverage: { painted: true, empty: false, full: false }, busy: "" };
const LARGER = { x: -10, y: 0, width: 310, height: 200 };
const EMPTY = { painted: false, empty: true, full: false };

test("every reason not to send is named, in the order a person would mend them", () => {
  const cases = [
    [{}, null],
    [{ busy: "busy.sending" }, "busy.sending"],
    [{ picture: null }, "reason.noPicture"],
    [{ model: null }, "reason.noModel"],
    [{ model: { ...MODEL, state: "withdrawn" } }, "reason.withdrawn"],
    [{ coverage: EMPTY }, "reason.emptyMask"],
    [{ coverage: EMPTY, frame: LARGER }, null],
    [{ frame: { x: -10, y: 0, width: 100, height: 200 } }, "reason.cropFirst"],
    [{ frame: { x: 10, y: 10, width: 100, height: 100 } }, null],
    [{ frame: LARGER, model: { ...MODEL, tasks: ["erase"] } }, "reason.noExtend"],
    [{ frame: LARGER, coverage: EMPTY, model: { ...MODEL, tasks: ["edit"] } }, null],
    [{ model: { ...MODEL, tasks: ["expand"] } }, "reason.onlyExtends"],
    [{ model: { ...MODEL, prompt: "required" }, prompt: "  " }, "reason.noPrompt"],
    [{ model: { ...MODEL, prompt: "required" }, prompt: "a cat" }, null],
  ];
  for (const [change, expected] of cases) {
    assert.equal(reasonNotToSend({ ...READY, ...change }), expected, JSON.stringify(change));
    assert.ok(expected === null || hasText(expected));
  }
});

test("options are sent only when they are allowed and differ", () => {
  const options = [
    { name: "steps", kind: "int", default: 50, minimum: 15, maximum: 50 },
    { name: "raw", kind: "bool", default: false },
    { name: "format", kind: "choice", default: "png", choices: ["png", "jpeg"] },
    { name: "guidance", kind: "float", default: null, minimum: 1.5, maximum: 100 },
  ];
  const send = (chosen) => optionsToSend({ ...MODEL, options }, chosen);
  assert.deepEqual(send({}), {});
  assert.deepEqual(send({ steps: 50, raw: false, format: "png" }), {});
  assert.deepEqual(send({ steps: 20, raw: true, format: "jpeg", guidance: 2.5, unknown: 1 }), { steps: 20, raw: true, format: "jpeg", guidance: 2.5 });
  assert.deepEqual(send({ steps: 14, raw: "yes", format: "gif", guidance: Infinity }), {});
  assert.equal(checkedOption(options[0], 20.5), undefined);
});

test("seeds and prices as people write and read them", () => {
  assert.deepEqual(["", " 42 ", "-1", "1.5", "abc", "4294967295", "4294967296"].map(seedFrom), [null, 42, undefined, undefined, undefined, 4294967295, undefined]);
  assert.equal(priceText({ credits: 5, currency: "credits" }), "5 credits");
  assert.equal(priceText({ credits: 0.04, currency: "USD" }), "0.04 USD");
  assert.equal(priceText({ credits: null }), "");
  assert.equal(priceText({ credits: 0, currency: "credits" }), "");
  assert.equal(priceText(null), "");
  assert.deepEqual([0, 0.0004, 0.0234, 0.5, 0.99995, 1].map(percent), ["0.0 %", "< 0.1 %", "2.3 %", "50 %", "> 99.9 %", "100 %"]);
});

/** A server that answers each call with the next of its script. */
function scripted(answers) {
  const calls = [];
  const pauses = [];
  const call = async (event) => {
    calls.push(event);
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  const surroundings = { changed() {}, now: () => 0, sleep: async (milliseconds) => void pauses.push(milliseconds) };
  return { jobs: new Jobs({ call }, () => "s", surroundings), calls, pauses };
}

const ABOUT = { label: "Fill", region: null, source: "one" };
const ended = async (job) => {
  while (!["done", "failed", "cancelled"].includes(job.state)) await new Promise((resolve) => setImmediate(resolve));
};

test("a job is followed from revision to revision until it is done", async () => {
  const results = [{ picture: "p", seed: 1, protected: { pixels: 9, changed: 0 } }];
  const { jobs, calls } = scripted([
    { job: "j", state: "queued" },
    { revision: 3, state: "queued", position: 2 },
    { revision: 4, state: "running", progress: 0.5, preview: "abc" },
    { revision: 5, state: "done", results },
  ]);
  const job = await jobs.start({ request: "r" }, ABOUT);
  await ended(job);
  assert.deepEqual(calls.slice(1).map((call) => call.after), [undefined, 3, 4]);
  assert.deepEqual(calls[0], { op: "start", session: "s", request: "r" });
  assert.deepEqual([job.state, job.results, job.preview, job.position], ["done", results, "abc", null]);
});

test("a lost connection is tried again with longer pauses, a refusal is not", async () => {
  const lost = () => new CallFailed("No connection.", undefined, false);
  const { jobs, pauses } = scripted([lost(), lost(), lost(), lost(), lost(), { revision: 1, state: "failed", error: "The provider refused." }]);
  const job = jobs.resume({ job: "j", state: "running" }, ABOUT);
  await ended(job);
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 8000]);
  assert.equal(job.error, "The provider refused.");
  const refused = scripted([new CallFailed("This job is not yours.")]);
  const other = refused.jobs.resume({ job: "k", state: "running" }, ABOUT);
  await ended(other);
  assert.deepEqual([other.state, other.error, refused.pauses], ["failed", "This job is not yours.", []]);
});

test("a server with nothing new is not asked without end, a known job is not followed twice", async () => {
  const same = { revision: 1, state: "running" };
  const { jobs, calls, pauses } = scripted([same, { ...same }, { revision: 2, state: "done", results: [] }]);
  const job = jobs.resume({ job: "j", state: "done" }, ABOUT);
  assert.equal(jobs.resume({ job: "j", state: "running" }, ABOUT), job);
  await ended(job);
  assert.equal(calls.length, 3);
  assert.deepEqual(pauses, [1000]);
});

test("a cancelled job stays cancelled though an older answer arrives later", async () => {
  let answer;
  const jobs = new Jobs(
    { call: (event) => (event.op === "cancel" ? Promise.resolve({ state: "cancelled" }) : new Promise((resolve) => (answer = resolve))) },
    () => "s",
    { changed() {}, now: () => 0, sleep: async () => {} },
  );
  const job = jobs.resume({ job: "j", state: "running" }, ABOUT);
  await jobs.cancel(job);
  answer({ revision: 9, state: "running", progress: 0.9 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(job.state, "cancelled");
});

test("previews become data addresses once", () => {
  assert.equal(previewAddress("abc"), "data:image/jpeg;base64,abc");
  assert.equal(previewAddress("data:image/jpeg;base64,abc"), "data:image/jpeg;base64,abc");
});

/** A window that can be told messages, and a host that notes what it is sent. */
function windows() {
  const listeners = [];
  const sent = [];
  const page = { addEventListener: (_, listener) => listeners.push(listener), setTimeout: () => 0, clearTimeout() {} };
  const host = { postMessage: (message, target, transfer) => sent.push({ message, target, transfer }) };
  const say = (data, source = host) => listeners.forEach((listener) => listener({ data, source }));
  return { bridge: new Bridge(page, host, "No answer."), sent, say };
}

test("the bridge pairs answers with questions and believes nobody else", async () => {
  const { bridge, sent, say } = windows();
  const first = bridge.call({ op: "open" });
  const second = bridge.load("key");
  assert.deepEqual(sent.map(({ message }) => message), [
    { flux: 1, id: 1, kind: "call", event: { page: "editor", op: "open" } },
    { flux: 1, id: 2, kind: "load", key: "key" },
  ]);
  say({ flux: 1, id: 1, ok: true, value: "forged" }, {});
  say({ id: 1, ok: true, value: "forged" });
  say({ flux: 1, id: 2, ok: true, value: 7 });
  say({ flux: 1, id: 1, ok: true, value: { session: "s" } });
  assert.deepEqual([await first, await second], [{ session: "s" }, 7]);
});

test("refusals of the server and of the bridge are told apart", async () => {
  const { bridge, say } = windows();
  const refused = bridge.call({ op: "start" });
  say({ flux: 1, id: 1, ok: true, value: { error: "The mask is empty.", field: "mask" } });
  await assert.rejects(refused, (error) => error.sentence === "The mask is empty." && error.field === "mask" && error.reached);
  const lost = bridge.call({ op: "start" });
  say({ flux: 1, id: 2, ok: false, error: "You are offline." });
  await assert.rejects(lost, (error) => error.sentence === "You are offline." && !error.reached);
  const failedJob = bridge.call({ op: "poll" });
  say({ flux: 1, id: 3, ok: true, value: { revision: 2, state: "failed", error: "Refused." } });
  assert.equal((await failedJob).state, "failed");
});

test("every text that is asked for exists, and every text is asked for", () => {
  const folder = new URL("../../artifacts/editor/", import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith(".js") && name !== "texts.js");
  const code = sources.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const asked = [...code.matchAll(/\bt\("([^"]+)"/g)].map((found) => found[1]);
  assert.ok(asked.length > 80);
  for (const key of asked) assert.ok(hasText(key), key);
  const table = readFileSync(new URL("texts.js", folder), "utf8");
  const composed = /^(tool|draw|mode|compare|mask|frame|colour|model|job|notice\.polarity|reason|busy|setting|subject|help|key|top)\./;
  for (const [, key] of table.matchAll(/^ {2}"([^"]+)":/gm)) {
    assert.ok(code.includes(`"${key}"`) || composed.test(key), `${key} is never shown`);
  }
  assert.equal(t("top.size", { width: 3, height: 4 }), "3 × 4");
  assert.throws(() => t("no such text"));
});
