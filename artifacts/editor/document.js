// @ts-check
// The document: picture, frame and steps; pixels follow from the steps, undo and redo go over them.

import { paintSegment } from "./brush.js";
import { boxOf, intersect, union } from "./geometry.js";
import { moved } from "./drawing.js";
import { outsideParts, reachesOut } from "./frame.js";
import { applyStep } from "./steps.js";
import { MaskTiles } from "./tiles.js";

/** @import { Brush, BrushPoint } from "./brush.js" */
/** @import { Shape } from "./drawing.js" */
/** @import { Colours } from "./flood.js" */
/** @import { Box } from "./geometry.js" */
/** @import { PictureRow, Step } from "./steps.js" */
/** @import { Patch } from "./tiles.js" */
/** @typedef {{picture: PictureRow, frame: Box | null, drawing?: Shape[]}} State */
/** @typedef {{step: Step, patch: Patch, state: State, base: Base | null}} Entry what an undo (then a redo) brings back */
/** @typedef {{state: State, mask: Patch}} Base where the steps that are stored begin */
/** @typedef {{version: 1, base: Base, steps: Step[]}} StoredDocument */

export class MaskDocument {
  /** @param {PictureRow} picture */
  constructor(picture) {
    /** @type {State} */
    this.state = { picture, frame: null };
    this.tiles = new MaskTiles();
    /** @type {Entry[]} */
    this.done = [];
    /** @type {Entry[]} */
    this.undone = [];
    /** @type {Base} */
    this.base = { state: this.state, mask: new Map() };
    /** @type {Colours | null} set once the picture is there; the bucket reads it */
    this.colours = null;
  }

  get picture() {
    return this.state.picture;
  }

  get frame() {
    return this.state.frame;
  }

  /** @returns {Shape[]} what is drawn over the picture, the oldest first; no part of the mask */
  get drawing() {
    return this.state.drawing || [];
  }

  /** @returns {Box} what the mask covers: the frame, or the picture without one */
  get canvas() {
    return this.state.frame || boxOf(this.state.picture);
  }

  /** @returns {boolean} */
  get extended() {
    return reachesOut(this.frame, this.picture);
  }

  /** @returns {Step | undefined} what an undo would take back */
  get lastStep() {
    return this.done[this.done.length - 1]?.step;
  }

  /** @param {Step} step not done while a stroke is being drawn */
  apply(step) {
    if (this.tiles.before) return;
    this.tiles.begin();
    applyStep({ tiles: this.tiles, canvas: this.canvas, picture: this.picture, colours: this.colours }, step);
    this.commit(step);
  }

  /** Starts a stroke that is painted while it is drawn. */
  begin() {
    this.tiles.begin();
  }

  /** @param {Brush} brush @param {BrushPoint} from @param {BrushPoint} to */
  paint(brush, from, to) {
    return paintSegment(this.tiles, this.canvas, brush, from, to);
  }

  /** @param {Step} step whose pixels have been changed since `begin` */
  commit(step) {
    /** @type {Entry} */
    const entry = { step, patch: this.tiles.end(), state: this.state, base: null };
    this.state = stateAfter(this.state, step);
    if (step.kind === "picture") entry.base = { state: this.state, mask: this.tiles.snapshot() };
    this.done.push(entry);
    this.undone.length = 0;
  }

  /** Takes back what has been painted since `begin`. */
  abandon() {
    this.tiles.swap(this.tiles.end());
  }

  /** @returns {Step | null} the step that was taken back */
  undo() {
    return this.exchange(this.done, this.undone);
  }

  /** @returns {Step | null} the step that was done again */
  redo() {
    return this.exchange(this.undone, this.done);
  }

  /** @param {Entry[]} from @param {Entry[]} to */
  exchange(from, to) {
    const entry = this.tiles.before ? null : from.pop();
    if (!entry) return null;
    entry.patch = this.tiles.swap(entry.patch);
    [entry.state, this.state] = [this.state, entry.state];
    to.push(entry);
    return entry.step;
  }

  /** @returns {{share: number, box: Box | null, empty: boolean, full: boolean, painted: boolean}} what will be repainted, of the canvas */
  coverage() {
    const inside = intersect(this.canvas, boxOf(this.picture));
    const painted = inside ? this.tiles.extent(inside) : { count: 0, box: null };
    let { count, box } = painted;
    for (const part of this.frame ? outsideParts(this.frame, this.picture) : []) {
      count += part.width * part.height;
      box = union(box, part);
    }
    const pixels = this.canvas.width * this.canvas.height;
    return { share: count / pixels, box, empty: count === 0, full: count === pixels, painted: painted.count > 0 };
  }

  /** @param {Box} box whole pixels @returns {Uint8Array} the mask there; beyond the picture everything is repainted */
  read(box) {
    const values = this.tiles.read(box);
    if (!this.frame) return values;
    for (const part of outsideParts(this.frame, this.picture)) {
      const inside = intersect(part, box);
      if (!inside) continue;
      for (let y = inside.y; y < inside.y + inside.height; y++) {
        const start = (y - box.y) * box.width + inside.x - box.x;
        values.fill(255, start, start + inside.width);
      }
    }
    return values;
  }

  /** @returns {StoredDocument} all that a reload needs; undo then reaches back to the last change of the picture */
  toStored() {
    const last = this.done.findLastIndex((entry) => entry.base !== null);
    const base = (last >= 0 && this.done[last].base) || this.base;
    return { version: 1, base, steps: this.done.slice(last + 1).map((entry) => entry.step) };
  }

  /** @param {StoredDocument} stored @param {Colours | null} colours @returns {MaskDocument} */
  static fromStored(stored, colours) {
    const document = new MaskDocument(stored.base.state.picture);
    document.base = stored.base;
    document.state = stored.base.state;
    document.colours = colours;
    document.tiles.swap(stored.base.mask);
    for (const step of stored.steps) document.apply(step);
    return document;
  }
}

/** @param {State} state @param {Step} step @returns {State} */
function stateAfter(state, step) {
  if (step.kind === "frame") return { ...state, frame: step.frame };
  const { drawing = [] } = state;
  if (step.kind === "draw") return { ...state, drawing: [...drawing, step.drawn] };
  if (step.kind === "wipe") return { ...state, drawing: [] };
  if (step.kind === "picture") return { picture: step.picture, frame: null, drawing: step.origin ? moved(drawing, step.origin) : [] };
  return state;
}
