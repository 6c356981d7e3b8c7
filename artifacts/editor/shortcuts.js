// @ts-check
// All keys: what they do, and the list that the help shows.

import { COMPARISONS } from "./halves.js";
import { TOOLS } from "./toolbar.js";
import { inPicture } from "./tools.js";

/** @import { Editor } from "./editor.js" */
/** @import { PointerController } from "./pointer.js" */
/** @import { Result, Session } from "./session.js" */
/** @import { Touch } from "./tools.js" */

const STEP = 10;
const HARDNESS_STEP = 0.1;
const ZOOM_STEP = 1.25;

/** @type {{title: string, rows: {keys: string[], text: string}[]}[]} */
export const SHORTCUTS = [
  {
    title: "help.draw",
    rows: [
      ...TOOLS.map(({ id, key }) => ({ keys: [key.toUpperCase()], text: `tool.${id}` })),
      { keys: ["[", "]"], text: "key.size" },
      { keys: ["{", "}"], text: "key.hardness" },
      { keys: ["Alt", "key.rightDrag"], text: "key.adjust" },
      { keys: ["Shift"], text: "key.line" },
      { keys: ["Alt", "key.right"], text: "key.temporary" },
    ],
  },
  {
    title: "help.view",
    rows: [
      { keys: ["key.wheel", "+", "−"], text: "key.zoom" },
      { keys: ["Space", "key.middle", "key.fingers"], text: "key.pan" },
      { keys: ["0"], text: "top.fit" },
      { keys: ["1", "…", "8"], text: "key.zoomSteps" },
      { keys: ["M"], text: "key.hide" },
      { keys: ["X"], text: "key.compare" },
      { keys: ["D"], text: "compare.key" },
      { keys: ["←", "→"], text: "key.results" },
      { keys: ["Delete"], text: "result.discard" },
    ],
  },
  {
    title: "help.edit",
    rows: [
      { keys: ["Ctrl", "Z"], text: "top.undo" },
      { keys: ["Ctrl", "Shift", "Z"], text: "top.redo" },
      { keys: ["I"], text: "mask.invert" },
      { keys: ["Ctrl", "A"], text: "mask.fill" },
      { keys: ["Delete"], text: "mask.clear" },
      { keys: ["Ctrl", "Enter"], text: "key.send" },
      { keys: ["?"], text: "key.help" },
    ],
  },
  {
    title: "help.keys",
    rows: [
      { keys: ["←", "↑", "↓", "→"], text: "key.move" },
      { keys: ["Enter"], text: "key.press" },
      { keys: ["Escape"], text: "key.escape" },
    ],
  },
];

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Keyboard {
  /**
   * @param {Editor} editor @param {Session} session @param {PointerController} pointer
   * @param {{help: () => void, surface: HTMLElement}} parts
   */
  constructor(editor, session, pointer, { help, surface }) {
    this.editor = editor;
    this.session = session;
    this.pointer = pointer;
    this.help = help;
    this.surface = surface;
    /** @type {{x: number, y: number} | null} */
    this.at = null;
    this.isDown = false;
    this.isErasing = false;
    document.addEventListener("keydown", (event) => {
      surface.dataset.keys = "";
      this.press(event);
    });
    document.addEventListener("keyup", (event) => this.release(event));
    window.addEventListener("blur", () => this.release(null));
    editor.on("tool", () => this.lift(true));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (document.querySelector("dialog[open]")) return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key === "Enter") return this.done(event, () => this.session.start());
    if (isTyping(event.target)) return;
    const action = control ? this.controlAction(event) : this.plainAction(event);
    if (action) this.done(event, action);
  }

  /** @param {KeyboardEvent} event @param {() => void} action */
  done(event, action) {
    event.preventDefault();
    action();
  }

  /** @param {KeyboardEvent} event @returns {(() => void) | null} */
  controlAction(event) {
    const { editor } = this;
    const key = event.key.toLowerCase();
    const { session } = this;
    if (key === "z" && !event.shiftKey && session.thrown) return () => session.bringBack();
    if (key === "z") return () => (event.shiftKey ? editor.redo() : editor.undo());
    if (key === "y") return () => editor.redo();
    if (key === "a") return () => editor.change("fill");
    return null;
  }

  /** @param {KeyboardEvent} event @returns {(() => void) | null} */
  plainAction(event) {
    const result = this.session.shown && this.resultAction(event, this.session.shown);
    if (result) return result;
    const onSurface = document.activeElement === this.surface || document.activeElement === document.body;
    if (onSurface && event.key in MOVES) return () => this.move(event);
    if (onSurface && event.key === "Enter") return () => this.toggle(event);
    if ((onSurface || /** @type {any} */ (event.target).type === "range") && event.key === " ") return () => this.hold(true);
    if (event.key === "Escape") return () => this.escape();
    const tool = TOOLS.find(({ key }) => key === event.key.toLowerCase());
    if (tool && !event.altKey) return () => this.editor.choose(tool.id);
    if (/^[1-8]$/.test(event.key)) return () => this.editor.lookAt(Number(event.key));
    return this.table[event.key] || this.table[event.key.toLowerCase()] || null;
  }

  /** @param {KeyboardEvent} event @param {Result} shown @returns {(() => void) | null} keys that mean the result while one is shown */
  resultAction(event, shown) {
    const { editor, session } = this;
    const { key } = event;
    if (key === "Delete" || key === "Backspace") return () => session.discard(shown);
    if (key.toLowerCase() === "d") return () => editor.compareBy(after(editor.comparing));
    const isRange = /** @type {any} */ (event.target).type === "range";
    if (isRange || (key !== "ArrowLeft" && key !== "ArrowRight")) return null;
    return () => session.step(key === "ArrowLeft" ? -1 : 1);
  }

  /** @returns {Record<string, () => void>} */
  get table() {
    const { editor } = this;
    const harder = (/** @type {number} */ by) => () => editor.setBrush({ hardness: editor.brush.hardness + by });
    return {
      "[": () => editor.stepBrushSize(-1),
      "]": () => editor.stepBrushSize(1),
      "{": harder(-HARDNESS_STEP),
      "}": harder(HARDNESS_STEP),
      "+": () => editor.zoom(ZOOM_STEP),
      "=": () => editor.zoom(ZOOM_STEP),
      "-": () => editor.zoom(1 / ZOOM_STEP),
      0: () => editor.fit(),
      i: () => editor.change("invert"),
      Delete: () => editor.change("clear"),
      Backspace: () => editor.change("clear"),
      m: () => editor.setLooks({ hidden: !editor.looks.hidden }),
      x: () => editor.comparison && editor.compare({ held: true }),
      "?": this.help,
    };
  }

  /** @param {KeyboardEvent | null} event null = the window lost the keyboard */
  release(event) {
    if (!event || event.key === " ") this.hold(false);
    const held = this.editor.comparison?.held;
    if (held && (!event || event.key.toLowerCase() === "x")) this.editor.compare({ held: false });
  }

  /** @param {boolean} held */
  hold(held) {
    this.pointer.spaceHeld = held;
    this.surface.classList.toggle("panning", held);
  }

  /** @param {KeyboardEvent} event moves the crosshair, or the view with the hand */
  move(event) {
    const { editor } = this;
    const [x, y] = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
    const step = event.shiftKey ? Math.max(1, editor.view.scale) : STEP;
    if (editor.tool === "hand") return editor.pan(-x * 4 * step, -y * 4 * step);
    const before = this.at || { x: editor.screen.width / 2, y: editor.screen.height / 2 };
    this.at = {
      x: Math.min(editor.screen.width, Math.max(0, before.x + x * step)),
      y: Math.min(editor.screen.height, Math.max(0, before.y + y * step)),
    };
    this.show();
    if (this.isDown) this.pointer.tool.move([this.touch()]);
    else this.pointer.tool.hover?.(this.touch());
  }

  /** @param {KeyboardEvent} event puts the tool down or lifts it */
  toggle(event) {
    const { editor } = this;
    if (editor.comparison) return;
    this.at ||= { x: editor.screen.width / 2, y: editor.screen.height / 2 };
    if (this.isDown) return this.lift(false);
    this.isErasing = event.altKey;
    this.isDown = editor.tool !== "polygon" && editor.tool !== "bucket";
    this.pointer.tool.down(this.touch());
    this.show();
  }

  /** @param {boolean} gaveUp */
  lift(gaveUp) {
    if (!this.isDown) return;
    this.isDown = false;
    const { tool } = this.pointer;
    if (gaveUp) tool.cancel();
    else tool.up(this.touch());
  }

  escape() {
    const wasDrawing = this.isDown || this.editor.draft || this.pointer.active;
    this.lift(true);
    this.pointer.tool.cancel();
    if (!wasDrawing && this.session.shown) this.session.show(null);
  }

  show() {
    if (this.at) this.editor.setCursor({ point: this.at, erase: this.isErasing, byKeys: true });
  }

  /** @returns {Touch} */
  touch() {
    const point = inPicture(this.editor, this.at || { x: 0, y: 0 });
    return { point, pressure: 1, shift: false, erase: this.isErasing };
  }
}

/** @param {typeof COMPARISONS[number]} way @returns {typeof COMPARISONS[number]} the next one, round and round */
function after(way) {
  return COMPARISONS[(COMPARISONS.indexOf(way) + 1) % COMPARISONS.length];
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "range", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
