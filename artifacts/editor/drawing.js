// @ts-check
// What is drawn over the picture to show what is meant: shapes as plain data, checked, moved, measured and painted.

import { boxBetween, intersect, union } from "./geometry.js";

/** @import { Box, Point } from "./geometry.js" */
/**
 * @typedef {{shape: string, colour: string, size: number, points: number[], text: string}} Shape
 *  one of SHAPES; `colour` #rrggbb; `size` = width of its line in picture pixels; `points` x, y, x, y …; `text` of words and markers
 */

/** Name of each shape -> how many numbers its points have at least and at most. */
/** @type {Record<string, [number, number]>} */
export const SHAPES = { pen: [2, 40_000], arrow: [4, 4], box: [4, 4], text: [2, 2], marker: [2, 2] };
export const PALETTE = ["#e11d48", "#f59e0b", "#16a34a", "#2563eb", "#7c3aed", "#ffffff", "#000000"];
export const LONGEST_WORDS = 120;
const MOST_SHAPES = 500;
const COLOUR = /^#[0-9a-f]{6}$/;
const FARTHEST = 100_000;
/** Sizes of what is drawn, in widths of the line. */
const HEAD = 4;
const LETTERS = 5;
const FONT = "system-ui, sans-serif";

/** @param {any} value @returns {boolean} whether it is a shape, whoever wrote it */
export function isShape(value) {
  const { shape, colour, size, points, text } = value || {};
  const known = Object.hasOwn(SHAPES, shape) && Array.isArray(points) && points.length % 2 === 0;
  const isNumber = (/** @type {unknown} */ each) => typeof each === "number" && Math.abs(each) <= FARTHEST;
  return (
    known && points.length >= SHAPES[shape][0] && points.length <= SHAPES[shape][1] && points.every(isNumber) &&
    typeof colour === "string" && COLOUR.test(colour) && isNumber(size) && size >= 1 && size <= 500 &&
    typeof text === "string" && text.length <= LONGEST_WORDS
  );
}

/** @param {any} value @returns {boolean} */
export function isDrawing(value) {
  return Array.isArray(value) && value.length <= MOST_SHAPES && value.every(isShape);
}

/** @param {Shape[]} shapes @param {Point} origin of a new picture in the one before @returns {Shape[]} */
export function moved(shapes, { x, y }) {
  return shapes.map((shape) => ({ ...shape, points: shape.points.map((value, at) => value - (at % 2 ? y : x)) }));
}

/** @param {Shape[]} shapes @returns {string} the next marker's */
export function nextNumber(shapes) {
  return String(shapes.filter(({ shape }) => shape === "marker").length + 1);
}

/** @param {Shape[]} shapes @param {Box} inside @returns {Box | null} whole pixels around all that is drawn, a little more than less */
export function drawnBox(shapes, inside) {
  /** @type {Box | null} */
  let box = null;
  for (const { shape, size, points, text } of shapes) {
    const reach = shape === "pen" || shape === "box" ? size : size * LETTERS;
    const wide = shape === "text" ? reach * (1 + text.length) : reach;
    for (let at = 0; at < points.length; at += 2) {
      const left = Math.floor(points[at] - reach);
      const top = Math.floor(points[at + 1] - reach);
      box = union(box, { x: left, y: top, width: Math.ceil(reach + wide) + 1, height: Math.ceil(2 * reach) + 1 });
    }
  }
  return box && intersect(box, inside);
}

/** @param {any} context of a canvas whose unit is one picture pixel @param {Shape[]} shapes */
export function paintShapes(context, shapes) {
  context.lineCap = context.lineJoin = "round";
  for (const shape of shapes) {
    context.strokeStyle = context.fillStyle = shape.colour;
    context.lineWidth = shape.size;
    PAINT[shape.shape](context, shape);
  }
}

/** @type {Record<string, (context: any, shape: Shape) => void>} */
const PAINT = {
  pen: (context, { points }) => line(context, points),
  arrow: (context, { points, size }) => {
    const [x, y, toX, toY] = points;
    const angle = Math.atan2(toY - y, toX - x);
    const barb = (/** @type {number} */ turn) => [toX - HEAD * size * Math.cos(angle + turn), toY - HEAD * size * Math.sin(angle + turn)];
    line(context, points);
    line(context, [...barb(0.5), toX, toY, ...barb(-0.5)]);
  },
  box: (context, { points }) => {
    const { x, y, width, height } = boxBetween({ x: points[0], y: points[1] }, { x: points[2], y: points[3] });
    context.strokeRect(x, y, width, height);
  },
  text: (context, { points, size, text, colour }) => words(context, text, points, size, isLight(colour) ? "#000000" : "#ffffff", "left"),
  marker: (context, { points, size, text, colour }) => {
    context.beginPath();
    context.arc(points[0], points[1], size * HEAD, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = isLight(colour) ? "#000000" : "#ffffff";
    words(context, text, points, size, "", "center");
  },
};

/** @param {any} context @param {number[]} points */
function line(context, points) {
  context.beginPath();
  for (let at = 0; at < points.length; at += 2) context.lineTo(points[at], points[at + 1]);
  // A point alone is a dot.
  context.lineTo(points[points.length - 2], points[points.length - 1]);
  context.stroke();
}

/** @param {any} context @param {string} text @param {number[]} at @param {number} size @param {string} rim colour that keeps the letters apart from the picture, "" = none @param {string} align */
function words(context, text, at, size, rim, align) {
  context.font = `600 ${size * LETTERS}px ${FONT}`;
  context.textAlign = align;
  context.textBaseline = "middle";
  if (rim) {
    context.strokeStyle = rim;
    context.strokeText(text, at[0], at[1]);
  }
  context.fillText(text, at[0], at[1]);
}

/** @param {string} colour @returns {boolean} */
export function isLight(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150;
}
