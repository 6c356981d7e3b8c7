// @ts-check
// Run lengths: masks are long runs of one value, so undo and storage keep them hundreds of times smaller.

/**
 * Pairs of one value byte and the run's length as a variable-length number (seven bits a byte, lowest first).
 * @param {Uint8Array} values @returns {Uint8Array}
 */
export function encodeRuns(values) {
  let out = new Uint8Array(256);
  let used = 0;
  for (let at = 0; at < values.length; ) {
    const value = values[at];
    let end = at + 1;
    while (end < values.length && values[end] === value) end++;
    if (used + 7 > out.length) out = enlarged(out);
    out[used++] = value;
    for (let left = end - at; ; left >>>= 7) {
      out[used++] = left > 127 ? (left & 127) | 128 : left;
      if (left <= 127) break;
    }
    at = end;
  }
  return out.slice(0, used);
}

/** @param {Uint8Array} runs @param {number} length of the values @returns {Uint8Array} @throws {RangeError} damaged runs */
export function decodeRuns(runs, length) {
  const values = new Uint8Array(length);
  let at = 0;
  for (let read = 0; read < runs.length; ) {
    const value = runs[read++];
    let run = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = runs[read++];
      run += (byte & 127) * 2 ** shift;
      if (!(byte & 128)) break;
    }
    if (at + run > length) throw new RangeError("more values than expected");
    if (value) values.fill(value, at, at + run);
    at += run;
  }
  if (at !== length) throw new RangeError("fewer values than expected");
  return values;
}

/** @param {Uint8Array} bytes */
function enlarged(bytes) {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
