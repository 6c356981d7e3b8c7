// @ts-check
// The one controller of pointer events: tells drawing from panning, zooming and comparing, for mouse, pen and fingers.

import { clamp, distance } from "./geometry.js";
import { boxToScreen, toPicture } from "./view.js";

/** @import { Editor } from "./editor.js" */
/** @import { Point } from "./geometry.js" */
/** @import { Tool, Touch } from "./tools.js" */

const MIDDLE = 1;
const RIGHT = 2;
const PEN_ERASER_BUTTONS = 32;
/** After the pen left, fingers and palms only pan for this long, in milliseconds. */
const PEN_RULES = 5000;
/** Screen pixels of a drag before it is known whether it goes across or down, and those from soft to hard. */
const LEAST_ADJUSTMENT = 5;
const FULL_HARDNESS = 200;
const ZOOM_PER_WHEEL_PIXEL = 0.0016;
const PINCH_PER_WHEEL_PIXEL = 0.01;

export class PointerController {
  /** @param {HTMLElement} surface @param {Editor} editor @param {Record<string, Tool>} tools */
  constructor(surface, editor, tools) {
    this.surface = surface;
    this.editor = editor;
    this.tools = tools;
    /** @type {Map<number, Point>} */
    this.pointers = new Map();
    /** @type {{id: number, kind: "tool" | "pan" | "wipe" | "adjust", tool: Tool, erase: boolean, pen: boolean} | null} */
    this.active = null;
    /** @type {{distance: number, middle: Point} | null} */
    this.gesture = null;
    /** @type {{at: Point, size: number, hardness: number, axis: "" | "size" | "hardness"}} the brush when Alt and the right button went down */
    this.adjusting = { at: { x: 0, y: 0 }, size: 0, hardness: 0, axis: "" };
    this.spaceHeld = false;
    this.penSeen = -Infinity;
    this.listen();
  }

  listen() {
    const { surface } = this;
    for (const kind of /** @type {const} */ (["down", "move", "up"])) {
      surface.addEventListener(`pointer${kind}`, (/** @type {any} */ event) => this[kind](event));
    }
    surface.addEventListener("pointercancel", (event) => this.up(event, true));
    surface.addEventListener("pointerleave", () => this.editor.setCursor(null));
    surface.addEventListener("dblclick", () => this.tool.finish?.());
    surface.addEventListener("contextmenu", (event) => event.preventDefault());
    surface.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  /** @returns {Tool} */
  get tool() {
    return this.tools[this.editor.tool];
  }

  /** @param {PointerEvent} event */
  down(event) {
    delete this.surface.dataset.keys;
    this.surface.focus({ preventScroll: true });
    // While the pen draws, whatever else touches is the hand that holds it.
    if (this.active?.pen) return;
    if (event.pointerType === "pen") this.dropFingers();
    const at = this.at(event);
    this.pointers.set(event.pointerId, at);
    this.surface.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2 && event.pointerType === "touch") return this.startGesture();
    if (this.active || this.gesture) return;
    const kind = this.kindOf(event);
    if (kind === "adjust") this.adjusting = { at, ...this.editor.brush, axis: "" };
    const erase = event.button === RIGHT || event.altKey || (event.buttons & PEN_ERASER_BUTTONS) !== 0;
    this.active = { id: event.pointerId, kind, tool: this.tool, erase, pen: event.pointerType === "pen" };
    if (kind === "tool") this.tool.down(this.touch(event, erase));
    if (kind === "wipe") this.wipe(at);
    this.showCursor(event);
    event.preventDefault();
  }

  /** The pen comes where a palm lies already: what the palm began is taken back. */
  dropFingers() {
    if (this.active?.kind === "tool") this.active.tool.cancel();
    this.active = this.gesture = null;
    this.pointers.clear();
  }

  /** @param {PointerEvent} event @returns {"tool" | "pan" | "wipe" | "adjust"} */
  kindOf(event) {
    const palm = event.pointerType === "touch" && event.timeStamp - this.penSeen < PEN_RULES;
    if (event.button === MIDDLE || this.spaceHeld || palm || this.editor.tool === "hand") return "pan";
    if (this.editor.comparison) return this.editor.comparing === "wipe" ? "wipe" : "pan";
    const hasBrush = this.editor.tool === "brush" || this.editor.tool === "eraser";
    return hasBrush && event.button === RIGHT && event.altKey ? "adjust" : "tool";
  }

  /** @param {PointerEvent} event */
  move(event) {
    const at = this.at(event);
    const before = this.pointers.get(event.pointerId);
    if (before) this.pointers.set(event.pointerId, at);
    if (this.gesture) return this.moveGesture();
    if (!this.active) return this.hover(event);
    if (event.pointerId !== this.active.id) return;
    if (this.active.kind === "pan" && before) this.editor.pan(at.x - before.x, at.y - before.y);
    else if (this.active.kind === "wipe") this.wipe(at);
    else if (this.active.kind === "adjust") return this.adjust(at);
    else this.draw(event);
    this.showCursor(event);
  }

  /** @param {Point} at across changes the size, down the hardness, whichever the drag began with */
  adjust(at) {
    const { adjusting, editor } = this;
    const across = at.x - adjusting.at.x;
    const down = at.y - adjusting.at.y;
    if (!adjusting.axis && Math.max(Math.abs(across), Math.abs(down)) < LEAST_ADJUSTMENT) return;
    adjusting.axis ||= Math.abs(across) >= Math.abs(down) ? "size" : "hardness";
    if (adjusting.axis === "size") editor.setBrush({ size: adjusting.size + (2 * across) / editor.view.scale });
    else editor.setBrush({ hardness: adjusting.hardness - down / FULL_HARDNESS });
  }

  /** @param {PointerEvent} event */
  draw(event) {
    if (!this.active || this.active.kind !== "tool") return;
    const { tool, erase } = this.active;
    // Between two frames the pen may have sent many points; the stroke wants all of them.
    const events = event.getCoalescedEvents?.() || [];
    tool.move((events.length ? events : [event]).map((each) => this.touch(each, erase)));
  }

  /** @param {PointerEvent} event */
  hover(event) {
    if (event.pointerType === "touch") return;
    this.showCursor(event);
    this.tool.hover?.(this.touch(event, false));
  }

  /** @param {PointerEvent} event @param {boolean} [cancelled] */
  up(event, cancelled = false) {
    this.pointers.delete(event.pointerId);
    if (this.gesture && this.pointers.size < 2) this.gesture = null;
    if (!this.active || this.active.id !== event.pointerId) return;
    const { kind, tool, erase, pen } = this.active;
    this.active = null;
    if (pen) this.penSeen = event.timeStamp;
    if (kind === "tool" && cancelled) tool.cancel();
    else if (kind === "tool") tool.up(this.touch(event, erase));
    if (event.pointerType === "touch") this.editor.setCursor(null);
  }

  /** Two fingers never draw: what the first one began is taken back. */
  startGesture() {
    if (this.active?.kind === "tool") this.active.tool.cancel();
    this.active = null;
    this.editor.setCursor(null);
    this.gesture = this.fingers();
  }

  moveGesture() {
    if (!this.gesture || this.pointers.size < 2) return;
    const now = this.fingers();
    this.editor.pan(now.middle.x - this.gesture.middle.x, now.middle.y - this.gesture.middle.y);
    this.editor.zoom(now.distance / this.gesture.distance, now.middle);
    this.gesture = now;
  }

  /** @returns {{distance: number, middle: Point}} */
  fingers() {
    const [a, b] = [...this.pointers.values()];
    return { distance: Math.max(1, distance(a, b)), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const pixels = (event.deltaY || event.deltaX) * (event.deltaMode === 1 ? 30 : 1);
    if (event.altKey) return this.editor.stepBrushSize(-Math.sign(pixels));
    if (event.shiftKey) return this.editor.pan(-pixels, 0);
    const strength = event.ctrlKey ? PINCH_PER_WHEEL_PIXEL : ZOOM_PER_WHEEL_PIXEL;
    this.editor.zoom(Math.exp(-pixels * strength), this.at(event));
  }

  /** @param {Point} at */
  wipe(at) {
    const { comparison, view } = this.editor;
    if (!comparison) return;
    const { x, width } = boxToScreen(view, comparison.after.place);
    this.editor.compare({ share: clamp((at.x - x) / width, 0, 1) });
  }

  /** @param {PointerEvent} event */
  showCursor(event) {
    const erase = this.active ? this.active.erase : event.altKey;
    this.editor.setCursor({ point: this.at(event), erase, byKeys: false });
  }

  /** @param {MouseEvent} event @returns {Point} on the screen, from the surface's corner */
  at(event) {
    const { left, top } = this.surface.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {PointerEvent} event @param {boolean} erase @returns {Touch} */
  touch(event, erase) {
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 1;
    return { point: toPicture(this.editor.view, this.at(event)), pressure, shift: event.shiftKey, erase };
  }
}
