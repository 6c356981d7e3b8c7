// What is drawn over the picture: part of the document and its undo, no part of the mask, believed in nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MaskDocument } from "../../artifacts/editor/document.js";
import { drawnBox, isDrawing, isLight, isShape, nextNumber, paintShapes, SHAPES } from "../../artifacts/editor/drawing.js";
import { readProject, writeProject } from "../../artifacts/editor/project.js";
import { requestBody, takesDrawing } from "../../artifacts/editor/sending.js";

const PICTURE = { id: "p", width: 600, height: 400 };
const ARROW = { shape: "arrow", colour: "#e11d48", size: 4, points: [100, 100, 200, 50], text: "" };
const MARKER = { shape: "marker", colour: "#000000", size: 4, points: [50, 60], text: "1" };

function drawn() {
  const document = new MaskDocument(PICTURE);
  document.apply({ kind: "rectangle", box: { x: 10, y: 20, width: 100, height: 50 }, erase: false });
  document.apply({ kind: "draw", drawn: ARROW });
  document.apply({ kind: "draw", drawn: MARKER });
  return document;
}

test("drawing is undone step by step and never touches the mask", () => {
  const document = drawn();
  const mask = document.read(document.canvas);
  assert.deepEqual(document.drawing, [ARROW, MARKER]);
  document.undo();
  assert.deepEqual(document.drawing, [ARROW]);
  document.redo();
  document.apply({ kind: "wipe" });
  assert.deepEqual(document.drawing, []);
  document.undo();
  assert.deepEqual(document.drawing, [ARROW, MARKER]);
  assert.deepEqual(document.read(document.canvas), mask);
  document.apply({ kind: "clear" });
  assert.deepEqual(document.drawing, [ARROW, MARKER], "clearing the mask leaves the drawing");
});

test("it survives a reload and a project file, and moves with a crop", () => {
  const document = drawn();
  document.apply({ kind: "picture", picture: { id: "q", width: 300, height: 300 }, origin: { x: 40, y: 50 } });
  document.apply({ kind: "draw", drawn: ARROW });
  const moved = { ...MARKER, points: [10, 10] };
  assert.deepEqual(document.drawing[1], moved);
  assert.deepEqual(MaskDocument.fromStored(structuredClone(document.toStored()), null).drawing, document.drawing);
  const file = writeProject({ picture: { ...document.picture, print: "5:abc" }, document: document.toStored(), wishes: {} });
  assert.deepEqual(MaskDocument.fromStored(readProject(file).document, null).drawing, document.drawing);
  document.apply({ kind: "picture", picture: { id: "r", width: 9, height: 9 }, origin: null });
  assert.deepEqual(document.drawing, [], "another picture has nothing drawn on it");
});

/** @type {Record<string, unknown>} */
const HOSTILE = {
  "nothing": null,
  "another shape": { ...ARROW, shape: "constructor" },
  "a colour with more in it": { ...ARROW, colour: "#e11d48;x" },
  "a colour that is none": { ...ARROW, colour: 5 },
  "a giant line": { ...ARROW, size: 1e6 },
  "no line": { ...ARROW, size: 0 },
  "too few points": { ...ARROW, points: [1, 2] },
  "too many points": { ...ARROW, points: [1, 2, 3, 4, 5, 6] },
  "half a point": { ...ARROW, shape: "pen", points: [1, 2, 3] },
  "points far away": { ...ARROW, points: [1, 2, 3, 1e9] },
  "points that are no numbers": { ...ARROW, points: [1, 2, 3, "4"] },
  "no number at all": { ...ARROW, points: [1, 2, 3, NaN] },
  "a long text": { ...MARKER, text: "x".repeat(121) },
  "a text that is none": { ...MARKER, text: {} },
};

for (const [name, value] of Object.entries(HOSTILE)) {
  test(`a stranger's drawing is refused: ${name}`, () => {
    assert.ok(!isShape(value));
    assert.ok(!isDrawing([ARROW, value]));
    const document = drawn();
    const project = JSON.parse(writeProject({ picture: { ...PICTURE, print: "5:abc" }, document: document.toStored(), wishes: {} }));
    project.document.steps.push({ kind: "draw", drawn: value });
    assert.throws(() => readProject(JSON.stringify(project)), RangeError);
    project.document.steps.pop();
    project.document.base.state.drawing = [value];
    assert.throws(() => readProject(JSON.stringify(project)), RangeError);
  });
}

test("numbers count on, boxes hold all that is drawn, and every shape is painted", () => {
  assert.equal(nextNumber([ARROW, MARKER]), "2");
  const frame = { x: 0, y: 0, width: 600, height: 400 };
  const box = drawnBox([ARROW], frame);
  assert.ok(box.x < 100 && box.y < 50 && box.x + box.width > 200 && box.y + box.height > 100);
  assert.equal(drawnBox([], frame), null);
  assert.equal(drawnBox([ARROW], { x: 500, y: 300, width: 50, height: 50 }), null);
  for (const [shape, [least]] of Object.entries(SHAPES)) {
    const calls = [];
    const context = new Proxy({}, { get: (_, name) => (...values) => calls.push([name, ...values]), set: () => true });
    paintShapes(context, [{ ...ARROW, shape, points: Array(least).fill(10), text: "7" }]);
    assert.ok(calls.some(([name]) => /^(stroke|fill)/.test(name)), shape);
  }
  assert.ok(isLight("#ffffff") && !isLight("#2563eb"));
});

test("only a model that takes the drawing gets it", () => {
  const model = { id: "m", label: "m", summary: "", tasks: ["edit"], mask: "none", prompt: "optional", options: [], seed: false, maxCount: 1, provider: "bfl", state: "current" };
  const wishes = { prompt: "a boat", mode: "fill", model: "m", also: [], options: {}, seed: "", count: 1, protect: true, format: "", seam: null };
  const mode = { id: "fill", tasks: ["inpaint"] };
  const body = (markup) => requestBody({ wishes, mode, model: { ...model, markup }, mask: "AA", markup: "BB", picture: "p", region: null });
  assert.equal(body("layer").markup, "BB");
  assert.equal(body("reference").markup, "BB");
  assert.ok(!("markup" in body("none")));
  assert.ok(!("markup" in body(undefined)), "a server of an earlier release says nothing");
  assert.ok(!takesDrawing({}));
});
