// Projects as files: all that was painted comes back, and nothing a stranger wrote gets in.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MaskDocument } from "../../artifacts/editor/document.js";
import { fittingWishes, printOf, readProject, writeProject } from "../../artifacts/editor/project.js";

const PICTURE = { id: "p", width: 600, height: 400 };

function painted() {
  const document = new MaskDocument(PICTURE);
  document.apply({ kind: "rectangle", box: { x: 10, y: 20, width: 100, height: 50 }, erase: false });
  document.apply({ kind: "picture", picture: { id: "q", width: 600, height: 400 }, origin: { x: 0, y: 0 } });
  document.apply({ kind: "stroke", size: 40, hardness: 0.5, opacity: 1, erase: false, points: [300, 200, 1, 400, 250, 0.5] });
  document.apply({ kind: "outline", points: [{ x: 5, y: 300 }, { x: 90, y: 310 }, { x: 40, y: 390 }], erase: false });
  document.apply({ kind: "mask", box: { x: 500, y: 0, width: 2, height: 2 }, runs: Uint8Array.of(255, 4), how: "add" });
  document.apply({ kind: "frame", frame: { x: -50, y: 0, width: 650, height: 400 } });
  return document;
}

function written() {
  const document = painted();
  return writeProject({ picture: { ...document.picture, print: "5:abc" }, document: document.toStored(), wishes: { prompt: "a “barn”", count: 2 } });
}

test("a project comes back to the very pixel, with words and frame", () => {
  const project = readProject(written());
  const restored = MaskDocument.fromStored(project.document, null);
  const document = painted();
  assert.deepEqual(restored.read(document.canvas), document.read(document.canvas));
  assert.deepEqual(restored.frame, document.frame);
  assert.equal(restored.done.length, 4, "undo goes on from here");
  assert.deepEqual(project.wishes, { prompt: "a “barn”", count: 2 });
  assert.equal(project.picture.print, "5:abc");
});

/** @type {Record<string, (project: any) => unknown>} */
const HOSTILE = {
  "no object": () => [],
  "another format": (project) => ({ ...project, format: "other" }),
  "another version": (project) => ({ ...project, version: 2 }),
  "no picture": ({ picture, ...rest }) => rest,
  "a picture without id": (project) => ({ ...project, picture: { ...project.picture, id: 5 } }),
  "sides that are no numbers": (project) => ({ ...project, picture: { ...project.picture, width: "9" } }),
  "no document": ({ document, ...rest }) => rest,
  "an unknown step": (project) => (project.document.steps.push({ kind: "evaluate" }), project),
  "a step of the prototype": (project) => (project.document.steps.push({ kind: "constructor" }), project),
  "another picture inside": (project) => (project.document.steps.push({ kind: "picture", picture: { id: "x", width: 1, height: 1 }, origin: null }), project),
  "no step at all": (project) => (project.document.steps.push(null), project),
  "too many steps": (project) => (project.document.steps.push(...Array(2001).fill({ kind: "invert" })), project),
  "a giant brush": (project) => ((project.document.steps[0].size = 1e9), project),
  "far away": (project) => ((project.document.steps[0].points[0] = 1e12), project),
  "a giant radius": (project) => (project.document.steps.push({ kind: "grow", radius: 1e7 }), project),
  "a giant box": (project) => (project.document.steps.push({ kind: "rectangle", box: { x: 0, y: 0, width: 99_999, height: 99_999 } }), project),
  "no bytes": (project) => (project.document.steps.push({ kind: "mask", box: { x: 0, y: 0, width: 1, height: 1 }, runs: { bytes: "<script>" } }), project),
  "too deep": (project) => (project.document.steps.push({ kind: "clear", a: { b: { c: { d: { e: { f: 1 } } } } } }), project),
  "a long text": (project) => ((project.wishes.prompt = "x".repeat(10_001)), project),
  "a tile of another name": (project) => ((project.document.base.mask = { map: [["__proto__", null]] }), project),
  "a tile without bytes": (project) => ((project.document.base.mask = { map: [["0,0", 5]] }), project),
  "no frame": (project) => ((project.document.base.state = {}), project),
};

for (const [name, spoil] of Object.entries(HOSTILE)) {
  test(`a hostile project is refused: ${name}`, () => {
    assert.throws(() => readProject(JSON.stringify(spoil(JSON.parse(written())))), RangeError);
  });
}

test("what is no JSON, or damaged inside, is refused", () => {
  for (const text of ["", "null", "5", "{", "\u0000"]) assert.throws(() => readProject(text), RangeError);
  const project = JSON.parse(written());
  project.document.base.mask = { map: [["0,0", { bytes: btoa("\xff\x01") }]] };
  const read = readProject(JSON.stringify(project));
  assert.throws(() => MaskDocument.fromStored(read.document, null), RangeError);
});

test("wishes of another kind, and unknown ones, are left out", () => {
  const known = { prompt: "", count: 1, protect: true, options: {} };
  assert.deepEqual(fittingWishes(known, { prompt: 5, count: 2, protect: "yes", options: [], other: 1, __proto__: { prompt: "x" } }), { count: 2 });
});

test("the print tells one file from another", () => {
  assert.equal(printOf(Uint8Array.of(1, 2, 3)), printOf(Uint8Array.of(1, 2, 3)));
  assert.notEqual(printOf(Uint8Array.of(1, 2, 3)), printOf(Uint8Array.of(1, 2, 4)));
});
