// @ts-check
// A mask drawn elsewhere: which of its pixels mean "repaint".

/** @typedef {"alpha" | "white" | "black"} Polarity what stands for repaint: transparent, white or black */

/**
 * Transparency decides where there is any; else the colour at the picture's edge is taken for what stays.
 * @param {Uint8ClampedArray} pixels RGBA @param {number} width @param {number} height @returns {Polarity}
 */
export function polarityOf(pixels, width, height) {
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] < 250) return "alpha";
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step, count++) sum += brightness(pixels, 4 * (y * width + x));
  }
  return sum / count > 127.5 ? "black" : "white";
}

/** @param {Uint8ClampedArray} pixels RGBA @param {Polarity} polarity @returns {Uint8Array} 255 = repaint */
export function maskValues(pixels, polarity) {
  const values = new Uint8Array(pixels.length / 4);
  for (let index = 0, at = 0; index < values.length; index++, at += 4) {
    if (polarity === "alpha") values[index] = 255 - pixels[at + 3];
    else values[index] = polarity === "white" ? brightness(pixels, at) : 255 - brightness(pixels, at);
  }
  return values;
}

/** @param {Uint8ClampedArray} pixels @param {number} at @returns {number} 0 to 255 (ITU-R BT.601 weights) */
function brightness(pixels, at) {
  return Math.round(0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2]);
}
