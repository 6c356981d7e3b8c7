// @ts-check
// What may be sent, what is missing, and what the server gets: from the model's data alone, never from its name.

import { boxOf, intersect, sameBox } from "./geometry.js";
import { reachesOut } from "./frame.js";
import { wordsFor } from "./modes.js";

/** @import { Box } from "./geometry.js" */
/** @import { Mode } from "./modes.js" */
/** @import { Wishes } from "./session.js" */
/** @typedef {{credits?: number | null, currency?: string, basis?: string}} Quote */
/** @typedef {{name: string, kind: "bool" | "int" | "float" | "choice", default: any, minimum?: number | null, maximum?: number | null, step?: number | null, choices?: string[], help?: string}} OptionRow */
/**
 * @typedef {{id: string, label: string, summary: string, tasks: string[], mask: string, markup?: string, prompt: "required" | "optional" | "none",
 *   options: OptionRow[], seed: boolean, formats?: string[], format?: string, maxCount: number, maxPixels?: number | null, provider: string, state: string, successor?: string}} Model
 *  `markup` = how a drawing is sent: "none", "layer" or "reference"; `formats` it delivers, `format` = the one it is asked for without a wish
 */
/**
 * @typedef {{model: Model | null, prompt: string, frame: Box | null, picture: {width: number, height: number} | null,
 *   coverage: {painted: boolean, empty: boolean, full: boolean}, whole?: boolean, busy: string}} Situation
 *  `prompt` = what the model is told; `whole` = without a mask
 */

/** Tasks that can fill what lies beyond the picture, and those that repaint what is masked on it. */
const EXTENDING_TASKS = ["expand", "inpaint", "edit"];
const MASKED_TASKS = ["inpaint", "erase", "edit"];
export const LARGEST_SEED = 4_294_967_295;
/** Bytes of a mask, as the server takes it. */
export const LARGEST_MASK = 8 * 1024 * 1024;

/** @param {Situation} situation @returns {string | null} the text key of the first reason why nothing can be sent */
export function reasonNotToSend({ model, prompt, frame, picture, coverage, whole = false, busy }) {
  if (busy) return busy;
  if (!picture) return "reason.noPicture";
  if (!model) return "reason.noModel";
  if (model.state === "withdrawn") return "reason.withdrawn";
  const withoutWords = model.prompt === "required" && !prompt.trim() ? "reason.noPrompt" : null;
  if (whole) return model.tasks.includes("edit") ? withoutWords : "reason.noWhole";
  const extends_ = reachesOut(frame, picture);
  if (extends_ && cutsOff(frame, picture)) return "reason.cropFirst";
  if (extends_ && !model.tasks.some((task) => EXTENDING_TASKS.includes(task))) return "reason.noExtend";
  if (!extends_ && !model.tasks.some((task) => MASKED_TASKS.includes(task))) return "reason.onlyExtends";
  if (!extends_ && !coverage.painted) return "reason.emptyMask";
  return withoutWords;
}

/**
 * The `start` call without its session and request id.
 * @param {{wishes: Wishes, mode: Mode, model: Model, mask: string, markup?: string, picture: string, region: Box | null}} about @returns {Record<string, unknown>}
 */
export function requestBody({ wishes, mode, model, mask, markup, picture, region }) {
  const protect = wishes.protect && !mode.whole;
  return {
    model: model.id,
    prompt: wordsFor(mode, model, wishes.prompt),
    ...(mode.whole ? { whole: true } : { mask, ...(region && { region }) }),
    ...(markup && takesDrawing(model) && { markup }),
    picture,
    ...optionsPart(model, wishes),
    protect,
    ...(protect ? wishes.seam !== null && { seam: wishes.seam } : formatPart(model, wishes)),
    count: Math.min(wishes.count, model.maxCount || 1),
  };
}

/** @param {Model} model @returns {boolean} whether what is drawn over the picture is sent to it */
export function takesDrawing({ markup = "none" }) {
  return markup !== "none";
}

/** @param {Model} model @param {Wishes} wishes @returns {{options?: Record<string, unknown>}} */
export function optionsPart(model, wishes) {
  const options = optionsToSend(model, wishes.options[model.id] || {});
  const seed = model.seed ? seedFrom(wishes.seed) : null;
  if (typeof seed === "number") options.seed = seed;
  return Object.keys(options).length ? { options } : {};
}

/** @param {Model} model @param {Wishes} wishes @returns {{format?: string}} only another one than the model delivers anyway */
function formatPart(model, wishes) {
  return wishes.format !== model.format && model.formats?.includes(wishes.format) ? { format: wishes.format } : {};
}

/** @param {Box | null} frame @param {{width: number, height: number}} picture @returns {boolean} whether the frame leaves out a part of the picture */
export function cutsOff(frame, picture) {
  if (!frame) return false;
  const inside = intersect(frame, boxOf(picture));
  return !inside || !sameBox(inside, boxOf(picture));
}

/** @param {Model} model @param {Record<string, unknown>} chosen @returns {Record<string, unknown>} only what differs from the model's defaults and is allowed */
export function optionsToSend(model, chosen) {
  /** @type {Record<string, unknown>} */
  const sent = {};
  for (const option of model.options) {
    const value = checkedOption(option, chosen[option.name]);
    if (value !== undefined && value !== option.default) sent[option.name] = value;
  }
  return sent;
}

/** @param {OptionRow} option @param {unknown} value @returns {boolean | number | string | undefined} undefined when it is no value of this option */
export function checkedOption(option, value) {
  if (value === undefined || value === null || value === "") return undefined;
  if (option.kind === "bool") return typeof value === "boolean" ? value : undefined;
  if (option.kind === "choice") return (option.choices || []).includes(String(value)) ? String(value) : undefined;
  const number = Number(value);
  if (!Number.isFinite(number) || (option.kind === "int" && !Number.isInteger(number))) return undefined;
  if (typeof option.minimum === "number" && number < option.minimum) return undefined;
  if (typeof option.maximum === "number" && number > option.maximum) return undefined;
  return number;
}

/** @param {unknown} text @returns {number | null | undefined} null = random, undefined = no seed at all */
export function seedFrom(text) {
  const written = String(text ?? "").trim();
  if (!written) return null;
  const number = Number(written);
  return Number.isInteger(number) && number >= 0 && number <= LARGEST_SEED ? number : undefined;
}

/** @param {Quote | null} quote @returns {string} "5 credits", "0.04 USD"; empty when nobody knows or it is free */
export function priceText(quote) {
  if (!quote?.credits || typeof quote.credits !== "number") return "";
  const amount = Number(quote.credits.toFixed(quote.credits < 10 ? 2 : 1));
  return `${amount.toLocaleString("en")} ${quote.currency || "credits"}`;
}

/** @param {Quote[]} quotes @returns {string} the sum, by currency: "5 credits + 0.04 USD"; "+ ?" when some price is unknown, empty when all are */
export function sumText(quotes) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { credits, currency = "credits" } of quotes) {
    if (typeof credits === "number") sums.set(currency, (sums.get(currency) || 0) + credits);
  }
  const known = [...sums].map(([currency, credits]) => priceText({ credits, currency }));
  const isPartly = known.length > 0 && quotes.some(({ credits }) => typeof credits !== "number");
  return [...known, isPartly && "?"].filter(Boolean).join(" + ");
}
