// @ts-check
// How many bits each channel of a picture has: results have eight, so a deeper picture loses some.

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Where a PNG's header says it: after the signature, a length, "IHDR", width and height. */
const DEPTH_AT = 24;

/** @param {Blob} file @returns {Promise<number>} 16 for a PNG of 16 bits, else 8 (JPEG and WebP have no more) */
export async function bitsPerChannel(file) {
  const head = new Uint8Array(await file.slice(0, DEPTH_AT + 1).arrayBuffer());
  const isPng = PNG.every((byte, index) => head[index] === byte);
  return isPng && head[DEPTH_AT] === 16 ? 16 : 8;
}
