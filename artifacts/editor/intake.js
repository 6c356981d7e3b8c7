// @ts-check
// Files in and out: pictures from disk, drop and clipboard, masks in both directions, results, crop.

import { element } from "./elements.js";
import { boxOf, intersect } from "./geometry.js";
import { LoadedPicture } from "./picture.js";
import { writePng } from "./png.js";
import { maskValues, polarityOf } from "./polarity.js";
import { encodeRuns } from "./runs.js";
import { t } from "./texts.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Result, Session } from "./session.js" */

const ENDINGS = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" };

export class Intake {
  /** @param {Editor} editor @param {Session} session @param {Bridge} bridge @param {{open: (file: File) => void}} projects */
  constructor(editor, session, bridge, projects) {
    this.editor = editor;
    this.session = session;
    this.bridge = bridge;
    this.projects = projects;
  }

  /** @param {(file: File) => void} take asks for one file of this device @param {string} [accept] */
  ask(take, accept = "image/*") {
    const input = element("input", { type: "file", accept, hidden: true });
    input.addEventListener("change", () => {
      if (input.files[0]) take(input.files[0]);
      input.remove();
    });
    document.body.append(input);
    input.click();
  }

  /** Lets pictures be dropped and pasted anywhere. */
  listen() {
    const page = document.documentElement;
    const dropping = (/** @type {boolean} */ on) => page.classList.toggle("dropping", on);
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      dropping(true);
    });
    document.addEventListener("dragleave", (event) => !event.relatedTarget && dropping(false));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      dropping(false);
      this.takeFirst(event.dataTransfer?.files);
    });
    document.addEventListener("paste", (event) => this.takeFirst(event.clipboardData?.files));
  }

  /** @param {FileList | undefined} files */
  takeFirst(files) {
    const picture = [...(files || [])].find((file) => file.type.startsWith("image/"));
    const project = [...(files || [])].find((file) => file.name.endsWith(".json"));
    if (picture) this.openFile(picture);
    else if (project) this.projects.open(project);
    else if (files?.length) this.editor.say({ kind: "error", text: t("notice.notPicture") });
  }

  /** @param {Blob & {name?: string}} file becomes a file of the person and then the picture */
  async openFile(file) {
    const decoded = await this.decoded(file);
    if (!decoded) return;
    this.session.setBusy("busy.uploading");
    try {
      const sent = file.type in ENDINGS ? file : await decoded.cropped(boxOf(decoded));
      const { file: id } = await this.bridge.upload(file.name || "picture.png", sent.type, await sent.arrayBuffer());
      await this.session.saveNow();
      await this.session.open(id);
    } catch (error) {
      this.session.report(error);
    } finally {
      this.session.setBusy("");
    }
  }

  /** @param {string} id of a picture of the chat */
  async openPicture(id) {
    try {
      await this.session.saveNow();
      await this.session.open(id);
    } catch (error) {
      this.session.report(error);
    }
  }

  /** @param {Blob} file @returns {Promise<LoadedPicture | null>} */
  async decoded(file) {
    try {
      return await LoadedPicture.decode("", { mime: file.type, data: await file.arrayBuffer() });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.editor.say({ kind: "error", text: t("notice.notPicture") });
      return null;
    }
  }

  /** @param {File} file with a mask in any of the usual forms */
  async loadMask(file) {
    const decoded = await this.decoded(file);
    if (decoded) await this.takeMask(decoded);
  }

  /** @param {string} id of a picture of the chat that shows a mask */
  async chooseMask(id) {
    this.session.setBusy("busy.loading");
    try {
      await this.takeMask(await this.session.shelf.get(id));
    } catch (error) {
      this.session.report(error);
    } finally {
      this.session.setBusy("");
    }
  }

  /** @param {LoadedPicture} decoded becomes the mask, or joins it as the person chose */
  async takeMask(decoded) {
    const { document } = this.editor;
    if (!document) return;
    const box = boxOf(document.picture);
    const isScaled = decoded.width !== box.width || decoded.height !== box.height;
    const pixels = (isScaled ? await scaled(decoded, box) : decoded).pixels(box).data;
    const polarity = polarityOf(pixels, box.width, box.height);
    this.editor.apply({ kind: "mask", box, runs: encodeRuns(maskValues(pixels, polarity)), how: this.editor.combination });
    const words = [t(`notice.polarity.${polarity}`), isScaled && t("notice.maskScaled")];
    this.editor.say({ kind: "info", text: words.filter(Boolean).join(" ") });
  }

  /** @param {1 | 4} channels 1 = white repaints, 4 = transparent repaints */
  async saveMask(channels) {
    const { document } = this.editor;
    if (!document) return;
    const { x, y, width, height } = document.canvas;
    const png = await writePng(width, height, channels, (top, lines) => {
      const values = document.read({ x, y: y + top, width, height: lines });
      return channels === 1 ? values : transparent(values);
    });
    await this.save(channels === 1 ? "mask.png" : "mask-transparent.png", "image/png", /** @type {ArrayBuffer} */ (png.buffer));
  }

  /** @param {Result} result */
  async saveResult(result) {
    try {
      const { mime, data } = (await this.session.shelf.get(result.file)).file;
      const ending = ENDINGS[/** @type {keyof typeof ENDINGS} */ (mime)] || "png";
      await this.save(`edited-${result.number}.${ending}`, mime, await data.arrayBuffer());
    } catch (error) {
      this.session.report(error);
    }
  }

  /** @param {string} name @param {string} mime @param {ArrayBuffer} data */
  async save(name, mime, data) {
    try {
      await this.bridge.save(name, mime, data);
    } catch (error) {
      this.session.report(error);
    }
  }

  /** Cuts the picture to the frame; what lies beyond the picture stays to be extended. */
  async crop() {
    const { document, picture } = this.editor;
    const inside = document?.frame && intersect(document.frame, boxOf(document.picture));
    if (!document || !picture || !inside || !document.frame) return;
    const frame = { ...document.frame, x: document.frame.x - inside.x, y: document.frame.y - inside.y };
    this.session.setBusy("busy.loading");
    try {
      const blob = await picture.cropped(inside);
      const { file } = await this.bridge.upload("cropped.png", "image/png", await blob.arrayBuffer());
      const cut = await this.session.shelf.get(file);
      const row = { id: file, width: cut.width, height: cut.height };
      document.apply({ kind: "picture", picture: row, origin: { x: inside.x, y: inside.y } });
      this.editor.show(document, cut);
      this.editor.setFrame(frame);
      this.editor.fit();
      this.session.save();
    } catch (error) {
      this.session.report(error);
    } finally {
      this.session.setBusy("");
    }
  }
}

/** @param {LoadedPicture} picture @param {{width: number, height: number}} size @returns {Promise<LoadedPicture>} */
async function scaled(picture, { width, height }) {
  const bitmap = await createImageBitmap(picture.bitmap, { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" });
  return new LoadedPicture("", bitmap, bitmap, picture.file);
}

/** @param {Uint8Array} values @returns {Uint8Array} RGBA, black, transparent where it is repainted */
function transparent(values) {
  const samples = new Uint8Array(values.length * 4);
  for (let at = 0; at < values.length; at++) samples[4 * at + 3] = 255 - values[at];
  return samples;
}
