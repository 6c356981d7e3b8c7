// @ts-check
// The words used last, newest first: kept for the person, whatever picture they were for.

const MOST = 10;

/** @param {unknown} stored @returns {string[]} only what can be a list of words */
export function readPrompts(stored) {
  return Array.isArray(stored) ? stored.filter((each) => typeof each === "string" && each).slice(0, MOST) : [];
}

/** @param {string[]} prompts @param {string} text @returns {string[]} with this one in front, each once */
export function remembered(prompts, text) {
  const own = text.trim();
  return own ? [own, ...prompts.filter((each) => each !== own)].slice(0, MOST) : prompts;
}
