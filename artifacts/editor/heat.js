// @ts-check
// The difference of two pictures as a heat map: from violet for a little to yellow for all, grey where nothing changed.

/** Colours from the smallest to the largest difference; their brightness rises, so that they are told apart without hue. */
export const RAMP = [
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
];
/** Levels of 255 from which on two pixels differ: less comes from decoding the same pixels out of two kinds of file. */
const SEEN_FROM = 3;
/** How bright what stayed is shown, of its own brightness. */
const UNCHANGED = 0.45;
/** A difference of this many levels of 255 has the last colour: larger ones are rare, and small ones shall be seen. */
const LARGEST = 160;

/**
 * @param {Uint8ClampedArray} before RGBA @param {Uint8ClampedArray} after RGBA of the same size, becomes the heat map
 * @returns {{changed: number, seen: number}} pixels that differ, and those that both pictures have
 */
export function heatMap(before, after) {
  const table = colours();
  let changed = 0;
  let seen = 0;
  for (let at = 0; at < after.length; at += 4) {
    if (!after[at + 3] || !before[at + 3]) continue;
    seen++;
    const red = Math.abs(before[at] - after[at]);
    const green = Math.abs(before[at + 1] - after[at + 1]);
    const blue = Math.abs(before[at + 2] - after[at + 2]);
    const alpha = Math.abs(before[at + 3] - after[at + 3]);
    const most = Math.max(red, green, blue, alpha);
    const differs = most >= SEEN_FROM;
    if (differs) changed++;
    const grey = UNCHANGED * (0.299 * before[at] + 0.587 * before[at + 1] + 0.114 * before[at + 2]);
    const place = 3 * most;
    after[at] = differs ? table[place] : grey;
    after[at + 1] = differs ? table[place + 1] : grey;
    after[at + 2] = differs ? table[place + 2] : grey;
    after[at + 3] = 255;
  }
  return { changed, seen };
}

/** @returns {Uint8ClampedArray} red, green and blue for each difference of 0 to 255 */
export function colours() {
  const table = new Uint8ClampedArray(3 * 256);
  for (let level = 0; level < 256; level++) {
    const place = Math.min(1, level / LARGEST) * (RAMP.length - 1);
    const index = Math.min(RAMP.length - 2, Math.floor(place));
    const share = place - index;
    for (let channel = 0; channel < 3; channel++) {
      table[3 * level + channel] = RAMP[index][channel] * (1 - share) + RAMP[index + 1][channel] * share;
    }
  }
  return table;
}
