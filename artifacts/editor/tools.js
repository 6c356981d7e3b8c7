// @ts-check
// What each tool does with a press, a drag and a release; all points are picture pixels.

import { dragged, HANDLES } from "./frame.js";
import { boxBetween, boxOf, distance, intersect, snapped, squared } from "./geometry.js";
import { toPicture, toScreen } from "./view.js";

/** @import { Brush, BrushPoint } from "./brush.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Handle } from "./frame.js" */
/** @import { Box, Point } from "./geometry.js" */
/** @import { Step } from "./steps.js" */
/** @typedef {{point: Point, pressure: number, shift: boolean, erase: boolean}} Touch `erase` = the temporary eraser is asked for */
/** @typedef {{down: (touch: Touch) => void, move: (touches: Touch[]) => void, up: (touch: Touch) => void, cancel: () => void, finish?: () => void, hover?: (touch: Touch) => void}} Tool */

/** Screen pixels within which a press means a handle or a polygon's first corner. */
const GRAB = 14;
const LEAST_DRAG = 2;
/** Milliseconds a setting of the bucket has to rest. */
const FILL_AGAIN_AFTER = 60;
/** Screen pixels the brush lags behind the hand at full smoothing. */
const LONGEST_PULL = 60;

/** @param {Editor} editor @returns {Record<string, Tool>} */
export function makeTools(editor) {
  const brush = new BrushTool(editor);
  return {
    brush,
    eraser: brush,
    rectangle: new BoxTool(editor, "rectangle"),
    ellipse: new BoxTool(editor, "ellipse"),
    lasso: new LassoTool(editor),
    polygon: new PolygonTool(editor),
    bucket: new BucketTool(editor),
    frame: new FrameTool(editor),
    hand: { down() {}, move() {}, up() {}, cancel() {} },
  };
}

class BrushTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Brush & {points: number[]} | null} */
    this.stroke = null;
    /** @type {Point} where this stroke was begun by hand */
    this.start = { x: 0, y: 0 };
    /** @type {{point: Point, picture: string} | null} a line starts only from a stroke on the same picture */
    this.lastEnd = null;
    /** @type {Point} where the brush is that the hand pulls along */
    this.pulled = this.start;
  }

  /** @param {Touch} touch */
  down({ point, pressure, shift, erase }) {
    const { document, brushes, tool } = this.editor;
    if (!document) return;
    const erases = (tool === "eraser") !== erase;
    this.stroke = { ...brushes[erases ? "eraser" : "brush"], erase: erases, points: [] };
    this.start = this.pulled = point;
    document.begin();
    if (shift && this.lastEnd?.picture === document.picture.id) this.add({ ...this.lastEnd.point, pressure: 1 }, true);
    this.add({ ...point, pressure }, true);
  }

  /** @param {Touch[]} touches */
  move(touches) {
    for (const { point, pressure, shift } of touches) {
      if (!this.stroke) return;
      this.add({ ...(shift ? snapped(this.start, point) : this.pull(point)), pressure }, false);
    }
  }

  /** @param {Point} point of the hand @returns {Point} of the brush, which follows on a line of some length */
  pull(point) {
    const slack = (this.editor.smoothing * LONGEST_PULL) / this.editor.view.scale;
    const away = distance(this.pulled, point);
    if (away <= slack) return this.pulled;
    const share = 1 - slack / away;
    this.pulled = {
      x: this.pulled.x + (point.x - this.pulled.x) * share,
      y: this.pulled.y + (point.y - this.pulled.y) * share,
    };
    return this.pulled;
  }

  /** @param {BrushPoint} point @param {boolean} always even when it is hardly away from the last one */
  add(point, always) {
    const { document } = this.editor;
    if (!this.stroke || !document) return;
    const { points } = this.stroke;
    const rounded = { x: hundredths(point.x), y: hundredths(point.y), pressure: hundredths(point.pressure) };
    const [x, y, pressure] = points.length ? points.slice(-3) : [rounded.x, rounded.y, rounded.pressure];
    if (!always && distance({ x, y }, rounded) < Math.max(0.5, this.stroke.size / 50)) return;
    points.push(rounded.x, rounded.y, rounded.pressure);
    this.editor.tell("stroke", document.paint(this.stroke, { x, y, pressure }, rounded));
  }

  /** @param {Touch} touch */
  up({ point, pressure, shift }) {
    const { document, smoothing } = this.editor;
    if (!this.stroke || !document) return;
    if (smoothing && !shift && this.stroke.points.length > 3) this.add({ ...point, pressure }, false);
    const { points } = this.stroke;
    this.lastEnd = { point: { x: points[points.length - 3], y: points[points.length - 2] }, picture: document.picture.id };
    const step = /** @type {Step} */ ({ kind: "stroke", ...this.stroke });
    this.stroke = null;
    document.commit(step);
    this.editor.tell("mask", step);
  }

  cancel() {
    if (!this.stroke) return;
    this.stroke = null;
    this.editor.document?.abandon();
    this.editor.tell("mask");
  }
}

class BoxTool {
  /** @param {Editor} editor @param {"rectangle" | "ellipse"} kind */
  constructor(editor, kind) {
    this.editor = editor;
    this.kind = kind;
    /** @type {Point | null} */
    this.start = null;
    /** @type {Point} */
    this.end = { x: 0, y: 0 };
    this.erase = false;
  }

  /** @param {Touch} touch */
  down({ point, erase }) {
    this.start = this.end = point;
    this.erase = this.editor.subtract !== erase;
  }

  /** @param {Touch[]} touches */
  move(touches) {
    const { point, shift } = touches[touches.length - 1];
    if (!this.start) return;
    this.end = shift ? squared(this.start, point) : point;
    this.editor.setDraft({ kind: this.kind, points: [this.start, this.end] });
  }

  up() {
    if (!this.start) return;
    const box = boxBetween(this.start, this.end);
    this.cancel();
    if (Math.max(box.width, box.height) * this.editor.view.scale < LEAST_DRAG) return;
    const exact = this.kind === "rectangle" ? boxBetween(wholePoint(box), wholePoint(corner(box))) : box;
    this.editor.apply({ kind: this.kind, box: exact, erase: this.erase });
  }

  cancel() {
    this.start = null;
    this.editor.setDraft(null);
  }
}

class LassoTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Point[]} */
    this.points = [];
    this.erase = false;
  }

  /** @param {Touch} touch */
  down({ point, erase }) {
    this.points = [point];
    this.erase = this.editor.subtract !== erase;
  }

  /** @param {Touch[]} touches */
  move(touches) {
    if (!this.points.length) return;
    for (const { point } of touches) {
      if (distance(point, this.points[this.points.length - 1]) * this.editor.view.scale >= 1) this.points.push(point);
    }
    this.editor.setDraft({ kind: "closed", points: this.points });
  }

  up() {
    const points = this.points.map(roundedPoint);
    this.cancel();
    if (points.length > 2) this.editor.apply({ kind: "outline", points, erase: this.erase });
  }

  cancel() {
    this.points = [];
    this.editor.setDraft(null);
  }
}

class PolygonTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Point[]} */
    this.points = [];
    this.erase = false;
  }

  /** @param {Touch} touch */
  down({ point, shift, erase }) {
    const { points } = this;
    const next = shift && points.length ? snapped(points[points.length - 1], point) : point;
    if (!points.length) this.erase = this.editor.subtract !== erase;
    const again = points.length > 2 && [points[0], points[points.length - 1]].some((each) => this.near(each, next));
    if (again) this.finish();
    else points.push(next);
    this.draw(next);
  }

  /** @param {Touch[]} touches */
  move(touches) {
    this.hover(touches[touches.length - 1]);
  }

  /** @param {Touch} touch */
  hover({ point, shift }) {
    const last = this.points[this.points.length - 1];
    if (last) this.draw(shift ? snapped(last, point) : point);
  }

  up() {}

  finish() {
    const points = this.points.map(roundedPoint);
    this.cancel();
    if (points.length > 2) this.editor.apply({ kind: "outline", points, erase: this.erase });
  }

  cancel() {
    this.points = [];
    this.editor.setDraft(null);
  }

  /** @param {Point} next */
  draw(next) {
    if (this.points.length) this.editor.setDraft({ kind: "open", points: [...this.points, next] });
  }

  /** @param {Point} a @param {Point} b */
  near(a, b) {
    return distance(a, b) * this.editor.view.scale < GRAB;
  }
}

class BucketTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Extract<Step, {kind: "bucket"}> | null} the last fill, which follows the settings until something else is done */
    this.fill = null;
    this.timer = 0;
    editor.on("tool", () => this.follow());
  }

  /** @param {Touch} touch */
  down({ point, erase }) {
    const { document, subtract } = this.editor;
    const { x, y } = { x: Math.floor(point.x), y: Math.floor(point.y) };
    if (!document || !intersect(boxOf(document.picture), { x, y, width: 1, height: 1 })) return;
    this.fill = { kind: "bucket", x, y, erase: subtract !== erase, ...this.settings };
    this.editor.apply(this.fill);
  }

  get settings() {
    const { tolerance, everywhere, fillOpacity: opacity } = this.editor;
    return { tolerance, everywhere, opacity };
  }

  /** A slider sends many values; the fill is done again for the one it rests on. */
  follow() {
    clearTimeout(this.timer);
    if (this.fill) this.timer = /** @type {any} */ (setTimeout(() => this.fillAgain(), FILL_AGAIN_AFTER));
  }

  fillAgain() {
    const { fill, editor, settings } = this;
    const isLast = fill && editor.document?.lastStep === fill;
    if (!fill || !isLast || editor.tool !== "bucket") return;
    if (fill.tolerance === settings.tolerance && fill.opacity === settings.opacity && fill.everywhere === settings.everywhere) return;
    editor.undo();
    this.fill = { ...fill, ...settings };
    editor.apply(this.fill);
  }

  move() {}

  up() {}

  cancel() {}
}

class FrameTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {{handle: Handle, start: Point, frame: Box} | null} */
    this.drag = null;
  }

  /** @param {Touch} touch */
  down({ point }) {
    const frame = this.editor.document?.canvas;
    if (!frame) return;
    const handle = handleAt(this.editor, point);
    if (handle) this.drag = { handle, start: point, frame };
  }

  /** @param {Touch[]} touches */
  move(touches) {
    const { point, shift } = touches[touches.length - 1];
    if (!this.drag) return;
    const { handle, start, frame } = this.drag;
    const ratio = this.editor.ratio || (shift ? frame.width / frame.height : null);
    const box = dragged(frame, handle, { x: point.x - start.x, y: point.y - start.y }, ratio);
    this.editor.setDraft({ kind: "rectangle", points: [box, corner(box)] });
  }

  up() {
    const { draft } = this.editor;
    const wasDragged = this.drag && draft;
    this.cancel();
    if (wasDragged) this.editor.setFrame(boxBetween(draft.points[0], draft.points[1]));
  }

  cancel() {
    this.drag = null;
    this.editor.setDraft(null);
  }
}

/** @param {Editor} editor @param {Point} point in picture pixels @returns {Handle | null} inside the frame: the one that moves it */
export function handleAt(editor, point) {
  const frame = editor.document?.canvas;
  if (!frame) return null;
  const at = toScreen(editor.view, point);
  const found = HANDLES.find((handle) => {
    const { x, y } = toScreen(editor.view, handlePoint(frame, handle));
    return Math.abs(x - at.x) <= GRAB && Math.abs(y - at.y) <= GRAB;
  });
  return found || (intersect(frame, { ...point, width: 1e-9, height: 1e-9 }) ? { x: 0, y: 0 } : null);
}

/** @param {Box} frame @param {Handle} handle @returns {Point} */
export function handlePoint(frame, handle) {
  return { x: frame.x + (frame.width * (handle.x + 1)) / 2, y: frame.y + (frame.height * (handle.y + 1)) / 2 };
}

/** @param {Editor} editor @param {Point} onScreen @returns {Point} */
export function inPicture(editor, onScreen) {
  return toPicture(editor.view, onScreen);
}

/** @param {Box} box @returns {Point} */
function corner(box) {
  return { x: box.x + box.width, y: box.y + box.height };
}

/** @param {Point} point */
function wholePoint({ x, y }) {
  return { x: Math.round(x), y: Math.round(y) };
}

/** @param {Point} point */
function roundedPoint({ x, y }) {
  return { x: hundredths(x), y: hundredths(y) };
}

/** @param {number} value */
function hundredths(value) {
  return Math.round(value * 100) / 100;
}
