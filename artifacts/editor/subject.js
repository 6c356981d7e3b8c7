// @ts-check
// Subject: a rectangle drawn around it, then strokes that say what belongs to it; the server finds its outline.

import { boxBetween, boxOf, distance, intersect, whole } from "./geometry.js";
import { encodeRuns } from "./runs.js";
import { fromBase64 } from "./png.js";
import { LoadedPicture } from "./picture.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Box, Point } from "./geometry.js" */
/** @import { Session } from "./session.js" */
/** @import { Step } from "./steps.js" */
/** @import { Touch } from "./tools.js" */
/** @typedef {{include: boolean, size: number, points: number[]}} Hint */
/** @typedef {{box: Box, picture: string, erase: boolean, hints: Hint[], step: Step | null}} Search */

/** Screen pixels across of a stroke that helps, and between two of its points. */
const HINT_SIZE = 14;
const HINT_STEP = 4;
const LEAST_DRAG = 8;
/** Milliseconds between two looks whether a stroke has ended. */
const WAIT_FOR_STROKE = 50;

export class SubjectTool {
  /** @param {Editor} editor @param {Session} session @param {Bridge} bridge */
  constructor(editor, session, bridge) {
    this.editor = editor;
    this.session = session;
    this.bridge = bridge;
    /** @type {Search | null} what was found last; strokes refine it */
    this.search = null;
    /** @type {Point[]} of the rectangle or the stroke being drawn */
    this.points = [];
    this.erase = false;
    editor.on("mask", (step) => step && this.keepSearch());
  }

  /** Once something else was done, or the selection undone, strokes would no longer refine what is there. */
  keepSearch() {
    const { document } = this.editor;
    if (document?.lastStep !== this.search?.step) this.search = null;
    const canRefine = this.search !== null;
    if (canRefine !== this.editor.canRefine) this.editor.setTool({ canRefine });
  }

  get refines() {
    return this.editor.subjectMode !== "frame" && this.search !== null;
  }

  /** @param {Touch} touch */
  down({ point, erase }) {
    if (this.session.busy) return;
    this.points = [point];
    this.erase = erase;
  }

  /** @param {Touch[]} touches */
  move(touches) {
    if (!this.points.length) return;
    const { scale } = this.editor.view;
    for (const { point } of touches) {
      if (!this.refines) this.points = [this.points[0], point];
      else if (distance(point, this.points[this.points.length - 1]) * scale >= HINT_STEP) this.points.push(point);
    }
    const last = this.points.length > 1 ? this.points : [this.points[0], this.points[0]];
    this.editor.setDraft({ kind: this.refines ? "open" : "rectangle", points: last });
  }

  up() {
    const { points, search, refines } = this;
    this.cancel();
    if (!points.length) return;
    if (refines && search) return this.find({ ...search, hints: [...search.hints, this.hint(points)] });
    const { document, subtract, view } = this.editor;
    const drawn = points.length > 1 ? whole(boxBetween(points[0], points[1])) : null;
    const box = document && drawn && intersect(drawn, boxOf(document.picture));
    if (!document || !box || Math.min(box.width, box.height) * view.scale < LEAST_DRAG) return;
    this.find({ box, picture: document.picture.id, erase: subtract !== this.erase, hints: [], step: null });
  }

  cancel() {
    this.points = [];
    this.editor.setDraft(null);
  }

  /** @param {Point[]} points @returns {Hint} */
  hint(points) {
    const include = (this.editor.subjectMode === "include") !== this.erase;
    return { include, size: HINT_SIZE / this.editor.view.scale, points: points.flatMap(({ x, y }) => [x, y]) };
  }

  /** @param {Search} search asks the server; what it finds takes the place of what the search found before */
  async find(search) {
    const { editor, session, bridge } = this;
    const { box, picture, hints: strokes } = search;
    session.setBusy("busy.selecting");
    try {
      const { mask } = await bridge.call({ op: "select", "session": session.id, picture, box, strokes });
      const decoded = await LoadedPicture.decode("", { mime: "image/png", data: fromBase64(mask) });
      // A stroke that is being drawn meanwhile is ended first: two changes at once would lose one of them.
      while (editor.document?.tiles.before) await session.sleep(WAIT_FOR_STROKE);
      const { document } = editor;
      if (!document || document.picture.id !== picture) return;
      if (search.step && document.lastStep === search.step) editor.undo();
      const step = /** @type {Step} */ ({ kind: "mask", box, runs: encodeRuns(greyOf(decoded)), how: search.erase ? "subtract" : "add" });
      this.search = { ...search, step };
      editor.apply(step);
    } catch (error) {
      session.report(error);
    } finally {
      session.setBusy("");
    }
  }
}

/** @param {LoadedPicture} picture @returns {Uint8Array} its brightness, one byte a pixel */
function greyOf(picture) {
  const { data } = picture.pixels(boxOf(picture));
  const values = new Uint8Array(data.length / 4);
  for (let at = 0; at < values.length; at++) values[at] = data[4 * at];
  return values;
}
