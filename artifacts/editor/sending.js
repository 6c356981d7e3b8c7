// @ts-check
// What may be sent, what is missing, and what the server gets: from the model's data alone, never from its name.

import { boxOf, intersect, sameBox } from "./geometry.js";
import { reachesOut } from "./frame.js";

/** @import { Box } from "./geometry.js" */
/** @typedef {{name: string, kind: "bool" | "int" | "float" | "choice", default: any, minimum?: number | null, maximum?: number | null, step?: number | null, choices?: string[], help?: string}} OptionRow */
/**
 * @typedef {{id: string, label: string, summary: string, tasks: string[], mask: string, prompt: "required" | "optional" | "none",
 *   options: OptionRow[], seed: boolean, maxCount: number, maxPixels?: number | null, provider: string, state: string, successor?: string}} Model
 */
/** @typedef {{model: Model | null, prompt: string, frame: Box | null, picture: {width: number, height: number} | null, coverage: {painted: boolean, empty: boolean, full: boolean}, busy: string}} Situation */

/** Tasks that can fill what lies beyond the picture, and those that repaint what is masked on it. */
const EXTENDING_TASKS = ["expand", "inpaint", "edit"];
const MASKED_TASKS = ["inpaint", "erase", "edit"];
export const LARGEST_SEED = 4_294_967_295;
/** Bytes of a mask, as the server takes it. */
export const LARGEST_MASK = 8 * 1024 * 1024;

/** @param {Situation} situation @returns {string | null} the text key of the first reason why nothing can be sent */
export function reasonNotToSend({ model, prompt, frame, picture, coverage, busy }) {
  if (busy) return busy;
  if (!picture) return "reason.noPicture";
  if (!model) return "reason.noModel";
  if (model.state === "withdrawn") return "reason.withdrawn";
  const extends_ = reachesOut(frame, picture);
  if (extends_ && cutsOff(frame, picture)) return "reason.cropFirst";
  if (extends_ && !model.tasks.some((task) => EXTENDING_TASKS.includes(task))) return "reason.noExtend";
  if (!extends_ && !model.tasks.some((task) => MASKED_TASKS.includes(task))) return "reason.onlyExtends";
  if (!extends_ && !coverage.painted) return "reason.emptyMask";
  if (model.prompt === "required" && !prompt.trim()) return "reason.noPrompt";
  return null;
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

/** @param {{credits?: number | null, currency?: string} | null} quote @returns {string} "5 credits", "0.04 USD"; empty when nobody knows */
export function priceText(quote) {
  if (!quote || typeof quote.credits !== "number") return "";
  const amount = Number(quote.credits.toFixed(quote.credits < 10 ? 2 : 1));
  return `${amount.toLocaleString("en")} ${quote.currency || "credits"}`;
}
