// @ts-check
// The state behind the page and what can be done to it; views listen, input calls, nothing here touches the page.

import { withMask } from "./earlier.js";
import { PALETTE } from "./drawing.js";
import { boxOf, clamp } from "./geometry.js";
import { settled } from "./frame.js";
import { COMPARISONS, fromHalf, halves, shiftTo } from "./halves.js";
import { boxToScreen, centred, fitted, kept, panned, toPicture, zoomed } from "./view.js";

/** @import { Comparison } from "./comparison.js" */
/** @import { MaskDocument } from "./document.js" */
/** @import { Shape } from "./drawing.js" */
/** @import { EarlierMask } from "./earlier.js" */
/** @import { Box, Point, Size } from "./geometry.js" */
/** @import { LoadedPicture } from "./picture.js" */
/** @import { Style } from "./overlay.js" */
/** @import { Combination, Step } from "./steps.js" */
/** @import { MaskTiles } from "./tiles.js" */
/** @import { View } from "./view.js" */
/** @typedef {"mask" | "stroke" | "earlier" | "draft" | "chosen" | "picture" | "view" | "tool" | "looks" | "request" | "models" | "quote" | "jobs" | "results" | "shown" | "busy" | "notice" | "heat" | "sketch"} Change */
/** @typedef {{size: number, hardness: number, opacity: number, square: boolean}} BrushSettings */
/** @typedef {{kind: "rectangle" | "ellipse" | "open" | "closed", points: Point[]}} Draft points in picture pixels; boxes have two */
/** @typedef {{text: string, kind: "info" | "error" | "done", action?: {label: string, press: () => void}}} Notice */

export const LARGEST_BRUSH = 500;
const MARGIN = 32;
/** Steps after which the mask before is gone from sight, and worth keeping. */
const REPLACING = ["clear", "fill"];
export const COLOURS = {
  rose: { red: 244, green: 63, blue: 94 },
  violet: { red: 139, green: 92, blue: 246 },
  green: { red: 34, green: 197, blue: 94 },
  amber: { red: 245, green: 158, blue: 11 },
  black: { red: 0, green: 0, blue: 0 },
  white: { red: 255, green: 255, blue: 255 },
};

export class Editor {
  constructor() {
    /** @type {Map<Change, Set<(detail: any) => void>>} */
    this.listeners = new Map();
    /** @type {MaskDocument | null} */
    this.document = null;
    /** @type {LoadedPicture | null} */
    this.picture = null;
    this.view = { scale: 1, x: 0, y: 0 };
    this.screen = { width: 1, height: 1 };
    /** @type {string} */
    this.tool = "brush";
    /** @type {Record<string, BrushSettings>} */
    this.brushes = {
      brush: { size: 60, hardness: 0.8, opacity: 1, square: false },
      eraser: { size: 40, hardness: 0.8, opacity: 1, square: false },
    };
    /** How far, 0 to 1, the stroke lags behind the hand and so forgets its trembling. */
    this.smoothing = 0;
    /** What the drawing tool does next: its shape, or "pick" for the eyedropper. */
    this.sketch = { way: "pen", colour: PALETTE[0], size: 6, words: "" };
    /** @type {Shape | null} the shape being drawn over the picture */
    this.pending = null;
    this.subtract = false;
    this.tolerance = 32;
    /** @type {number | null} ratio the frame keeps while it is dragged */
    this.ratio = null;
    this.fillOpacity = 1;
    /** Whether the bucket takes the colour in the whole picture. */
    this.everywhere = false;
    this.looks = { colour: /** @type {keyof typeof COLOURS} */ ("rose"), strength: 0.5, hidden: false, style: /** @type {Style} */ ("colour"), area: true };
    /** @type {Combination} what a loaded or earlier mask does to the one that is there */
    this.combination = "replace";
    /** @type {"frame" | "include" | "exclude"} what a drag with the subject tool means */
    this.subjectMode = "frame";
    /** Whether strokes can still refine the subject that was found last. */
    this.canRefine = false;
    /** @type {MaskTiles | null} shown in place of the mask while the pointer rests on an earlier one */
    this.glance = null;
    /** @type {EarlierMask[]} newest first */
    this.earlier = [];
    /** @type {Box | null} what the model would get to see */
    this.area = null;
    /** @type {Notice | null} */
    this.notice = null;
    /** @type {Draft | null} the shape being drawn */
    this.draft = null;
    /** @type {{point: Point, erase: boolean, byKeys: boolean} | null} where the pointer is, on the screen */
    this.cursor = null;
    /** @type {Comparison | null} a result and what it is compared with */
    this.comparison = null;
    /** @type {typeof COMPARISONS[number]} */
    this.comparing = "wipe";
  }

  /** @param {Change | Change[]} changes @param {(detail: any) => void} listener */
  on(changes, listener) {
    for (const change of [changes].flat()) {
      if (!this.listeners.has(change)) this.listeners.set(change, new Set());
      this.listeners.get(change)?.add(listener);
    }
  }

  /** @param {Change} change @param {any} [detail] */
  tell(change, detail) {
    for (const listener of this.listeners.get(change) || []) listener(detail);
  }

  /** @param {Notice | null} notice */
  say(notice) {
    this.notice = notice;
    this.tell("notice", notice);
  }

  /** @param {MaskDocument} document @param {LoadedPicture} picture */
  show(document, picture) {
    const isNewSize = !this.picture || this.picture.width !== picture.width || this.picture.height !== picture.height;
    if (!this.picture) this.fitBrushes(picture);
    this.document = document;
    this.picture = picture;
    document.colours = picture.colours();
    this.tell("picture");
    this.tell("mask");
    if (isNewSize) this.fit();
  }

  /** @param {Size} picture whose size tells what a handy brush is */
  fitBrushes({ width, height }) {
    const size = clamp(Math.round(Math.max(width, height) / 20), 8, LARGEST_BRUSH / 2);
    for (const brush of Object.values(this.brushes)) brush.size = size;
    this.sketch.size = clamp(Math.round(Math.max(width, height) / 160), 2, 40);
    this.tell("tool");
  }

  /** @param {Step} step */
  apply(step) {
    if (!this.document) return;
    const joins = step.kind === "mask" && (step.how === "add" || step.how === "subtract");
    if (REPLACING.includes(step.kind) || (step.kind === "mask" && !joins)) this.keepMask();
    this.document.apply(step);
    this.tell("mask", step);
  }

  /** Puts the mask as it is first among the earlier ones. */
  keepMask() {
    if (this.document) this.setEarlier(withMask(this.earlier, this.document));
  }

  /** @param {EarlierMask[]} earlier */
  setEarlier(earlier) {
    this.earlier = earlier;
    this.tell("earlier");
  }

  /** @param {string} kind of a step that needs nothing else, or of one with a radius @param {number} [radius] */
  change(kind, radius) {
    this.apply(/** @type {any} */ (radius === undefined ? { kind } : { kind, radius }));
  }

  /** @param {Box} frame */
  setFrame(frame) {
    if (this.document) this.apply({ kind: "frame", frame: settled(frame, this.document.picture) });
  }

  undo() {
    this.tell("mask", this.document?.undo());
  }

  redo() {
    this.tell("mask", this.document?.redo());
  }

  /** @param {string} tool */
  choose(tool) {
    this.tool = tool;
    this.tell("tool");
    this.tell("chosen");
  }

  /** @param {Draft | null} draft */
  setDraft(draft) {
    this.draft = draft;
    this.tell("draft");
  }

  /** @param {Editor["cursor"]} cursor */
  setCursor(cursor) {
    this.cursor = cursor;
    this.tell("draft");
  }

  /** @param {Partial<NonNullable<Editor["comparison"]>> | null} change */
  compare(change) {
    const hadHalves = this.hasHalves;
    this.comparison = change && /** @type {any} */ ({ ...this.comparison, ...change });
    this.tell("picture");
    this.tell("draft");
    if (hadHalves !== this.hasHalves) this.fit();
  }

  /** @param {typeof COMPARISONS[number]} way */
  compareBy(way) {
    const hadHalves = this.hasHalves;
    this.comparing = way;
    this.tell("looks");
    if (hadHalves !== this.hasHalves) this.fit();
  }

  /** @returns {boolean} whether before and after stand side by side */
  get hasHalves() {
    return this.comparison !== null && this.comparing === "sides";
  }

  /** @returns {BrushSettings} of the eraser or the brush, whichever is in use */
  get brush() {
    return this.brushes[this.tool === "eraser" ? "eraser" : "brush"];
  }

  /** @param {Partial<BrushSettings>} change */
  setBrush(change) {
    const brush = Object.assign(this.brush, change);
    brush.size = clamp(Math.round(brush.size), 1, LARGEST_BRUSH);
    brush.hardness = clamp(brush.hardness, 0, 1);
    brush.opacity = clamp(brush.opacity, 0.05, 1);
    this.tell("tool");
  }

  /** @param {number} direction -1 or 1: one step smaller or larger, a tenth at least a pixel */
  stepBrushSize(direction) {
    const { size } = this.brush;
    this.setBrush({ size: size + direction * Math.max(1, Math.round(size / 8)) });
  }

  /** @param {Partial<Pick<Editor, "subtract" | "tolerance" | "ratio" | "fillOpacity" | "everywhere" | "combination" | "smoothing" | "subjectMode" | "canRefine">>} change */
  setTool(change) {
    Object.assign(this, change);
    this.tell("tool");
  }

  /** @param {Partial<Editor["sketch"]>} change */
  setSketch(change) {
    Object.assign(this.sketch, change);
    this.tell("tool");
  }

  /** @param {Box | null} area */
  setArea(area) {
    this.area = area;
    this.tell("draft");
  }

  /** @param {MaskTiles | null} tiles */
  setGlance(tiles) {
    if (this.glance === tiles) return;
    this.glance = tiles;
    this.tell("looks");
  }

  /** @param {Partial<Editor["looks"]>} change */
  setLooks(change) {
    Object.assign(this.looks, change);
    this.tell("looks");
  }

  /** @returns {Box} picture and frame together: what should be in sight */
  get sight() {
    const frame = this.document?.canvas;
    const picture = this.picture ? boxOf(this.picture) : { x: 0, y: 0, width: 1, height: 1 };
    if (!frame) return picture;
    const x = Math.min(frame.x, 0);
    const y = Math.min(frame.y, 0);
    const right = Math.max(frame.x + frame.width, picture.width);
    return { x, y, width: right - x, height: Math.max(frame.y + frame.height, picture.height) - y };
  }

  /** @param {View} view */
  look(view) {
    this.view = kept(view, this.sight, this.screen);
    this.tell("view");
  }

  fit() {
    this.look(this.fitting(this.screen));
  }

  /** @param {Size} screen @returns {View} that shows everything, in each half where there are two */
  fitting(screen) {
    const margin = Math.min(MARGIN, screen.width / 20);
    if (!this.hasHalves) return fitted(this.sight, screen, margin);
    const [half] = halves(screen);
    const view = fitted(this.sight, half, margin);
    const shift = shiftTo(half, screen);
    return { ...view, x: view.x - shift.x, y: view.y - shift.y };
  }

  /** @param {number} scale CSS pixels per picture pixel */
  lookAt(scale) {
    const middle = toPicture(this.view, { x: this.screen.width / 2, y: this.screen.height / 2 });
    this.look(centred({ ...middle, width: 0, height: 0 }, this.screen, scale));
  }

  /** @param {number} factor @param {Point} [at] on the screen, the middle without it */
  zoom(factor, at) {
    const middle = { x: this.screen.width / 2, y: this.screen.height / 2 };
    const fixed = at && this.hasHalves ? fromHalf(at, this.screen) : at || middle;
    const smallest = Math.min(1, fitted(this.sight, this.screen, MARGIN).scale) / 2;
    this.look(zoomed(this.view, fixed, factor, smallest));
  }

  /** @param {number} x @param {number} y */
  pan(x, y) {
    this.look(panned(this.view, x, y));
  }

  /** @param {Size} screen */
  resize(screen) {
    const before = this.screen;
    this.screen = screen;
    const wasFitted = this.picture && sameView(this.view, this.fitting(before));
    if (wasFitted || before.width === 1) this.fit();
    else this.pan((screen.width - before.width) / 2, (screen.height - before.height) / 2);
  }

  /** @returns {Box} the picture on the screen */
  get pictureOnScreen() {
    return boxToScreen(this.view, this.picture ? boxOf(this.picture) : this.sight);
  }
}

/** @param {View} a @param {View} b */
function sameView(a, b) {
  return Math.abs(a.scale - b.scale) < 1e-6 && Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1;
}
