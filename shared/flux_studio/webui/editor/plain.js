// The words inside a picture file (its recipe, with the prompt) stay outside the frame: the page needs the pixels alone.

const FLUX_STUDIO_RECIPE = "flux_studio";

/** @param {ArrayBuffer} data @param {string} mime @returns {ArrayBuffer} the same picture without texts; as it was when it cannot be read */
function fluxStudioPixelsAlone(data, mime) {
  const walk = { "image/png": pngParts, "image/jpeg": jpegParts, "image/webp": webpParts }[mime];
  const view = new DataView(data);
  try {
    return walk ? joined(data, mime, [...walk(view)]) : data;
  } catch (error) {
    if (error instanceof RangeError) return data; // it ends in the middle of a part
    throw error;
  }

  function joined(whole, type, parts) {
    const kept = parts.filter((part) => !part.words).map((part) => new Uint8Array(whole, part.start, part.end - part.start));
    const bytes = new Uint8Array(kept.reduce((sum, part) => sum + part.length, 0));
    kept.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
    if (type === "image/webp") new DataView(bytes.buffer).setUint32(4, bytes.length - 8, true);
    return bytes.buffer;
  }

  function text(start, length) {
    return String.fromCharCode(...new Uint8Array(data, start, length));
  }

  /** Whether a part holds our recipe, in bytes of one or of two a letter. */
  function tells(start, end) {
    const found = new TextDecoder("latin1").decode(new Uint8Array(data, start, end - start)).replaceAll("\0", "");
    return found.includes(FLUX_STUDIO_RECIPE);
  }

  function* pngParts(file) {
    yield { start: 0, end: 8, words: false };
    for (let start = 8; start < data.byteLength; ) {
      const end = start + 12 + file.getUint32(start);
      if (end > data.byteLength) throw new RangeError("cut");
      const kind = text(start + 4, 4);
      yield { start, end, words: ["tEXt", "zTXt", "iTXt"].includes(kind) || (kind === "eXIf" && tells(start, end)) };
      start = end;
    }
  }

  function* jpegParts(file) {
    yield { start: 0, end: 2, words: false };
    for (let start = 2; ; ) {
      const marker = file.getUint16(start);
      if (marker < 0xff00) throw new RangeError("no marker");
      if (marker === 0xffda) return yield { start, end: data.byteLength, words: false };
      const end = marker === 0xffff ? start + 1 : start + 2 + file.getUint16(start + 2);
      yield { start, end, words: marker === 0xfffe || (marker === 0xffe1 && tells(start, end)) };
      start = end;
    }
  }

  function* webpParts(file) {
    yield { start: 0, end: 12, words: false };
    for (let start = 12; start < data.byteLength; ) {
      const length = file.getUint32(start + 4, true);
      const end = Math.min(data.byteLength, start + 8 + length + (length % 2));
      yield { start, end, words: ["EXIF", "XMP "].includes(text(start, 4)) && tells(start, end) };
      start = end;
    }
  }
}
