// @ts-check
// What a person wants to do with the marked area: each way sets model, tool and protection up and puts the words right.

/** @import { Model } from "./sending.js" */
/**
 * @typedef {{id: string, tasks: string[], words?: "none", instruct?: string, alone?: string, protect?: boolean, tool?: string, invert?: boolean, whole?: boolean}} Mode
 *  `tasks` = of the model, the most fitting first; `instruct` = the sentence for a model that follows instructions, `alone`
 *  = without any words of the person's; `words: "none"` = the person is asked for none; `whole` = without a mask
 */

/** @type {Mode[]} */
export const MODES = [
  { id: "fill", tasks: ["inpaint", "edit"], protect: true },
  { id: "add", tasks: ["inpaint", "edit"], protect: true, instruct: "Add {prompt}. Match light, shadows and perspective. Keep everything else as it is." },
  { id: "remove", tasks: ["erase", "edit", "inpaint"], words: "none", protect: true, alone: "Remove the object in the middle and continue the background behind it." },
  { id: "background", tasks: ["inpaint", "edit"], invert: true, protect: true, instruct: "Replace the background with {prompt}. Keep the subject exactly as it is." },
  { id: "extend", tasks: ["expand", "inpaint", "edit"], tool: "frame", protect: true },
  {
    ...{ id: "harmonise", tasks: ["edit"], protect: false, instruct: "Match light, colours, shadows and grain of the object to its surroundings: {prompt}. Keep all shapes." },
    alone: "Match light, colours, shadows and grain of the object to its surroundings. Keep all shapes.",
  },
  { id: "whole", tasks: ["edit"], whole: true },
];

/** @param {string} id @returns {Mode} the first one for a name nobody knows */
export function modeOf(id) {
  return MODES.find((mode) => mode.id === id) || MODES[0];
}

/** @param {Mode} mode @param {Model[]} models @returns {boolean} whether any usable model can do it */
export function isPossible(mode, models) {
  return models.some((model) => model.state !== "withdrawn" && mode.tasks.some((task) => model.tasks.includes(task)));
}

/**
 * @param {Mode} mode @param {Model[]} models @param {Model | null} current
 * @returns {Model | null} the current model where it has the most fitting task there is, else the first that has it
 */
export function fittingModel(mode, models, current) {
  const usable = models.filter((model) => model.state !== "withdrawn");
  for (const task of mode.tasks) {
    if (current?.tasks.includes(task)) return current;
    const found = usable.find((model) => model.tasks.includes(task));
    if (found) return found;
  }
  return current;
}

/**
 * @param {Mode} mode @param {Model} model @param {string} prompt the person's own words
 * @returns {string} what the model is told: an instruction where it takes them, else the words alone
 */
export function wordsFor(mode, model, prompt) {
  const own = mode.words === "none" ? "" : prompt.trim();
  if (model.prompt === "none") return "";
  const asksForNone = mode.words === "none" && model.prompt === "required";
  if (!model.tasks.includes("edit") && !asksForNone) return own;
  if (!own) return mode.alone || "";
  // A function, so that a "$" in the words stays one.
  return mode.instruct ? mode.instruct.replace("{prompt}", () => own.replace(/[.\s]+$/, "")) : own;
}

/** @param {Mode} mode @param {Model} model @returns {"required" | "optional" | "none"} whether the person has to say something */
export function wordsWanted(mode, model) {
  if (model.prompt === "none" || mode.words === "none") return "none";
  return model.prompt === "optional" || (mode.alone && model.tasks.includes("edit")) ? "optional" : "required";
}
