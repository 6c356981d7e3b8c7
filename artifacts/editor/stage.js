// @ts-check
// The stage: picture, mask and guides on their own layers, each drawn again only where it changed.

import { COLOURS } from "./editor.js";
import { paintShapes } from "./drawing.js";
import { comparisonGuides, drawComparison } from "./comparison.js";
import { drawing, element, replaceContent, setAttribute } from "./elements.js";
import { HANDLES } from "./frame.js";
import { boxBetween, boxOf, inflate, intersect, whole } from "./geometry.js";
import { ellipseOutline, rectangleOutline } from "./shapes.js";
import { coloured, sampled } from "./overlay.js";
import { onPixels } from "./picture.js";
import { t } from "./texts.js";
import { handlePoint } from "./tools.js";
import { boxToScreen, toScreen } from "./view.js";

/** @import { Editor } from "./editor.js" */
/** @import { Box, Point } from "./geometry.js" */
/** @import { View } from "./view.js" */

/** Pixels of the mask's layer; beyond it the layer is coarser than the screen. */
const OVERLAY_PIXELS = 2_400_000;
const EDGE_PERIOD = 240;
/** Milliseconds of drawing above which the edge stands still. */
const TOO_SLOW = 14;
const CHECK = 12;

export class Stage {
  /** @param {Editor} editor @param {Window} page */
  constructor(editor, page) {
    this.editor = editor;
    this.page = page;
    this.base = element("canvas", { class: "layer" });
    this.overlay = element("canvas", { class: "layer" });
    this.guides = drawing("svg", { class: "layer guides", "aria-hidden": "true" });
    this.surface = element(
      "div",
      { class: "surface", tabindex: 0, role: "application", "aria-label": t("stage"), "aria-describedby": "stage-help" },
      ...[this.base, this.overlay, this.guides],
      element("p", { id: "stage-help", class: "for-readers" }, t("stage.help")),
    );
    /** @type {{base: boolean, overlay: Box | "all" | null, guides: boolean, asked: boolean}} */
    this.due = { base: true, overlay: "all", guides: true, asked: false };
    this.ratio = 1;
    this.overlayRatio = 1;
    this.phase = 0;
    this.lastCost = 0;
    this.listen();
  }

  listen() {
    const { editor, page } = this;
    editor.on(["picture", "view"], () => this.redraw({ base: true, overlay: "all", guides: true }));
    editor.on(["mask", "looks"], () => this.redraw({ base: true, overlay: "all", guides: true }));
    editor.on("sketch", () => this.redraw({ base: true }));
    editor.on("stroke", (box) => box && this.redraw({ overlay: box }));
    editor.on(["draft", "tool"], () => this.redraw({ guides: true }));
    new ResizeObserver(() => this.resize()).observe(this.surface);
    const still = page.matchMedia("(prefers-reduced-motion: reduce)");
    page.setInterval(() => !still.matches && this.march(), EDGE_PERIOD);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.surface;
    if (!width || !height) return;
    this.ratio = Math.min(2, this.page.devicePixelRatio || 1);
    this.overlayRatio = Math.min(this.ratio, Math.sqrt(OVERLAY_PIXELS / (width * height)));
    for (const [canvas, ratio] of [[this.base, this.ratio], [this.overlay, this.overlayRatio]]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.editor.resize({ width, height });
    this.redraw({ base: true, overlay: "all", guides: true });
  }

  /** @param {{base?: boolean, overlay?: Box | "all", guides?: boolean}} what box in picture pixels */
  redraw({ base, overlay, guides }) {
    const { due } = this;
    due.base ||= !!base;
    due.guides ||= !!guides;
    if (overlay === "all" || due.overlay === "all") due.overlay = overlay === "all" || due.overlay ? "all" : null;
    else if (overlay) due.overlay = due.overlay ? around(due.overlay, overlay) : overlay;
    if (due.asked) return;
    due.asked = true;
    this.page.requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { base, overlay, guides } = this.due;
    this.due = { base: false, overlay: null, guides: false, asked: false };
    if (base) this.drawBase();
    if (overlay) this.drawOverlay(overlay);
    if (guides) this.drawGuides();
  }

  /** @param {number} ratio device pixels per CSS pixel @returns {View} */
  viewIn(ratio) {
    const { scale, x, y } = this.editor.view;
    return { scale: scale * ratio, x: x * ratio, y: y * ratio };
  }

  drawBase() {
    const { picture, document, comparison } = this.editor;
    const context = this.base.getContext("2d");
    context.clearRect(0, 0, this.base.width, this.base.height);
    if (!picture || !document) return;
    const view = this.viewIn(this.ratio);
    const seen = boxOf(this.base);
    checks(context, boxToScreen(view, document.canvas), this.ratio);
    checks(context, boxToScreen(view, boxOf(picture)), this.ratio);
    picture.draw(context, view, seen);
    if (!comparison) this.drawShapes(context, view);
    if (document.frame && !comparison) dim(context, boxToScreen(view, document.frame), boxToScreen(view, this.editor.sight));
    if (comparison) drawComparison(context, this.editor, view, (target, box) => checks(target, box, this.ratio));
  }

  /** @param {any} context @param {View} view */
  drawShapes(context, { scale, x, y }) {
    const { document, pending } = this.editor;
    context.save();
    context.setTransform(scale, 0, 0, scale, x, y);
    paintShapes(context, [...(document?.drawing || []), ...(pending ? [pending] : [])]);
    context.restore();
  }

  /** @param {Box | "all"} dirty in picture pixels */
  drawOverlay(dirty) {
    const { document, looks, comparison } = this.editor;
    const context = this.overlay.getContext("2d");
    this.overlay.dataset.style = looks.style;
    const all = boxOf(this.overlay);
    const view = this.viewIn(this.overlayRatio);
    const part = dirty === "all" ? all : intersect(inflate(whole(boxToScreen(view, dirty)), 2), all);
    if (!part || !part.width || !part.height) return;
    if (!document || looks.hidden || comparison) return context.clearRect(part.x, part.y, part.width, part.height);
    const began = performance.now();
    const margin = inflate(part, 1);
    const tiles = this.editor.glance || document.tiles;
    const values = sampled({ tiles, canvas: document.canvas, picture: document.picture }, view, margin);
    const image = context.createImageData(part.width, part.height);
    const paint = { ...COLOURS[looks.colour], strength: looks.strength, style: looks.style };
    coloured(values, margin, new Uint32Array(image.data.buffer), paint, this.phase);
    if (looks.style === "solid") blackenOutside(image, part, boxToScreen(view, document.canvas));
    context.putImageData(image, part.x, part.y);
    if (dirty === "all") this.lastCost = performance.now() - began;
  }

  /** Moves the edge one step on, where the machine is quick enough and there is an edge. */
  march() {
    const { document } = this.editor;
    if (!document || this.page.document.hidden || this.lastCost > TOO_SLOW || document.tiles.tiles.size === 0) return;
    this.phase++;
    this.redraw({ overlay: "all" });
  }

  drawGuides() {
    const { document, tool, comparison, comparing } = this.editor;
    this.surface.dataset.tool = !comparison ? tool : comparing === "wipe" ? "wipe" : "hand";
    const shapes = comparison ? comparisonGuides(this.editor) : [this.draftPath(), this.cursorRing()];
    const frame = document && !comparison && (document.frame || tool === "frame") ? this.frameShapes() : [];
    replaceContent(this.guides, this.areaLine(), ...frame, ...shapes);
  }

  areaLine() {
    const { area, comparison, looks, tool, view } = this.editor;
    if (!area || comparison || !looks.area || looks.hidden || tool === "frame") return null;
    const { x, y, width, height } = boxToScreen(view, area);
    return drawing("rect", { x, y, width, height, class: "area-line" });
  }

  draftPath() {
    const { draft, tool } = this.editor;
    if (!draft || tool === "frame") return null;
    const { kind, points } = draft;
    const corners =
      kind === "ellipse" ? ellipseOutline(boxBetween(points[0], points[1]))
      : kind === "rectangle" ? rectangleOutline(boxBetween(points[0], points[1]))
      : points;
    const d = this.path(corners) + (kind === "open" ? "" : "Z");
    const first = toScreen(this.editor.view, corners[0]);
    return drawing(
      "g",
      {},
      drawing("path", { d, class: "draft-under" }),
      drawing("path", { d, class: "draft" }),
      kind === "open" && drawing("circle", { cx: first.x, cy: first.y, r: 5, class: "handle" }),
    );
  }

  /** @param {Point[]} points */
  path(points) {
    return points.map((point, index) => {
      const { x, y } = toScreen(this.editor.view, point);
      return `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    }).join("");
  }

  cursorRing() {
    const { cursor, tool, brushes, view } = this.editor;
    if (!cursor) return null;
    const { x, y } = cursor.point;
    const cross = drawing("path", { d: `M${x - 9} ${y}h18M${x} ${y - 9}v18`, class: "cross" });
    if (tool !== "brush" && tool !== "eraser") return cursor.byKeys ? cross : null;
    const erases = (tool === "eraser") !== cursor.erase;
    const { size, hardness, square } = brushes[erases ? "eraser" : "brush"];
    const radius = Math.max(1.5, (size / 2) * view.scale);
    const tip = (/** @type {number} */ r, /** @type {string} */ kind) =>
      square
        ? drawing("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, class: kind })
        : drawing("circle", { cx: x, cy: y, r, class: kind });
    return drawing(
      "g",
      { class: erases ? "ring erases" : "ring" },
      tip(radius, "ring-under"),
      tip(radius, "ring-line"),
      hardness < 0.95 && radius * hardness > 3 && tip(radius * hardness, "ring-core"),
      cursor.byKeys && cross,
    );
  }

  frameShapes() {
    const { document, draft, tool, view } = this.editor;
    if (!document) return [];
    const box = draft && tool === "frame" ? boxBetween(draft.points[0], draft.points[1]) : document.canvas;
    const { x, y, width, height } = boxToScreen(view, box);
    const outline = drawing("rect", { x, y, width, height, class: "frame-line" });
    if (tool !== "frame") return [outline];
    const handles = HANDLES.map((handle) => {
      const at = toScreen(view, handlePoint(box, handle));
      return drawing("rect", { x: at.x - 5, y: at.y - 5, width: 10, height: 10, rx: 3, class: "handle" });
    });
    const label = `${Math.round(box.width)} × ${Math.round(box.height)}`;
    return [outline, ...handles, drawing("text", { x: x + width / 2, y: y - 12, class: "frame-size" }, label)];
  }

  /** @param {boolean} busy */
  setBusy(busy) {
    setAttribute(this.surface, "aria-busy", busy ? "true" : null);
  }
}

/** @param {Box} a @param {Box} b @returns {Box} */
function around(a, b) {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const right = Math.max(a.x + a.width, b.x + b.width);
  return { x, y, width: right - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {number} ratio */
function checks(context, box, ratio) {
  const seen = intersect(onPixels(box), boxOf(context.canvas));
  if (!seen) return;
  const side = CHECK * ratio;
  context.fillStyle = "#f4f4f5";
  context.fillRect(seen.x, seen.y, seen.width, seen.height);
  context.fillStyle = "#d4d4d8";
  context.beginPath();
  for (let y = Math.floor(seen.y / side); y * side < seen.y + seen.height; y++) {
    for (let x = Math.floor(seen.x / side); x * side < seen.x + seen.width; x++) {
      const square = (x + y) % 2 ? intersect(seen, { x: x * side, y: y * side, width: side, height: side }) : null;
      if (square) context.rect(square.x, square.y, square.width, square.height);
    }
  }
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {Box} frame @param {Box} sight darkens what the frame leaves out */
function dim(context, frame, sight) {
  context.beginPath();
  context.rect(sight.x, sight.y, sight.width, sight.height);
  context.rect(frame.x, frame.y, frame.width, frame.height);
  context.fillStyle = "rgba(9, 9, 11, 0.6)";
  context.fill("evenodd");
}

/** @param {ImageData} image @param {Box} part @param {Box} canvas makes the surroundings transparent again */
function blackenOutside(image, part, canvas) {
  const pixels = new Uint32Array(image.data.buffer);
  for (let y = 0; y < part.height; y++) {
    const rowOut = part.y + y < canvas.y || part.y + y >= canvas.y + canvas.height;
    for (let x = 0; x < part.width; x++) {
      if (rowOut || part.x + x < canvas.x || part.x + x >= canvas.x + canvas.width) pixels[y * part.width + x] = 0;
    }
  }
}
