// @ts-check
// PNG with one channel or four: a browser's canvas cannot write grey, and would change colours under alpha.

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const COLOUR_TYPE = { 1: 0, 4: 6 };
const CHECKSUMS = checksumTable();
const LINES_AT_ONCE = 256;

/**
 * @param {number} width @param {number} height @param {1 | 4} channels grey or RGBA, 8 bit each
 * @param {(top: number, lines: number) => Uint8Array} read the samples of some lines
 * @returns {Promise<Uint8Array>}
 */
export async function writePng(width, height, channels, read) {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOUR_TYPE[channels], 0, 0, 0], 8);
  const body = await compressed(width * channels, height, read);
  return joined([Uint8Array.from(SIGNATURE), ...chunk("IHDR", header), ...chunk("IDAT", body), ...chunk("IEND", new Uint8Array(0))]);
}

/** @param {number} stride @param {number} height @param {(top: number, lines: number) => Uint8Array} read */
async function compressed(stride, height, read) {
  const stream = new CompressionStream("deflate");
  const writer = stream.writable.getWriter();
  const written = (async () => {
    for (let top = 0; top < height; top += LINES_AT_ONCE) {
      const lines = Math.min(LINES_AT_ONCE, height - top);
      await writer.write(/** @type {any} */ (filtered(read(top, lines), stride, lines)));
    }
    await writer.close();
  })();
  const [bytes] = await Promise.all([new Response(stream.readable).arrayBuffer(), written]);
  return new Uint8Array(bytes);
}

/** @param {Uint8Array} samples @param {number} stride @param {number} lines @returns {Uint8Array} each line after its filter byte 0 */
function filtered(samples, stride, lines) {
  const out = new Uint8Array((stride + 1) * lines);
  for (let line = 0; line < lines; line++) {
    out.set(samples.subarray(line * stride, (line + 1) * stride), line * (stride + 1) + 1);
  }
  return out;
}

/** @param {string} name @param {Uint8Array} body @returns {Uint8Array[]} */
function chunk(name, body) {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, body.length);
  head.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  const end = new Uint8Array(4);
  new DataView(end.buffer).setUint32(0, ~checksum(body, checksum(head.subarray(4), 0xffffffff)) >>> 0);
  return [head, body, end];
}

/** @param {Uint8Array} bytes @param {number} value so far @returns {number} */
function checksum(bytes, value) {
  for (let at = 0; at < bytes.length; at++) value = CHECKSUMS[(value ^ bytes[at]) & 255] ^ (value >>> 8);
  return value;
}

function checksumTable() {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value >>> 0;
  });
}

/** @param {Uint8Array[]} parts @returns {Uint8Array} */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes @returns {string} */
export function toBase64(bytes) {
  let text = "";
  // A multiple of three, so that the parts can be joined; small enough for one call's arguments.
  for (let at = 0; at < bytes.length; at += 24_576) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + 24_576)));
  }
  return text;
}

/** @param {string} text @returns {ArrayBuffer} */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}
