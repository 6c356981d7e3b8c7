// @ts-check
// One picture's session with the server: open, quote, start, results, apply, and what survives a reload.

import { CallFailed } from "./bridge.js";
import { MaskDocument } from "./document.js";
import { reachesOut } from "./frame.js";
import { boxOf } from "./geometry.js";
import { hasEnded, Jobs } from "./jobs.js";
import { LARGEST_MASK, optionsToSend, reasonNotToSend, seedFrom } from "./sending.js";
import { toBase64, writePng } from "./png.js";
import { t } from "./texts.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Price } from "./confirming.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Box } from "./geometry.js" */
/** @import { Job, ResultRow } from "./jobs.js" */
/** @import { PictureShelf } from "./picture.js" */
/** @import { Model } from "./sending.js" */
/** @typedef {{file: string, seed?: number | null, protected?: {pixels: number, changed: number}, label: string, region: Box | null, source: string, job: string, number: number, chosen: boolean, applied: boolean}} Result */
/** @typedef {{prompt: string, model: string, options: Record<string, Record<string, unknown>>, seed: string, count: number, protect: boolean}} Wishes */

const SAVE_AFTER = 400;
const QUOTE_AFTER = 250;
const ASK_AGAIN = 2000;

export class Session {
  /**
   * @param {Editor} editor @param {Bridge} bridge @param {PictureShelf} shelf
   * @param {{uuid: () => string, sleep: (milliseconds: number) => Promise<void>, confirm: (price: Price) => Promise<boolean>}} surroundings
   */
  constructor(editor, bridge, shelf, { uuid, sleep, confirm }) {
    this.editor = editor;
    this.bridge = bridge;
    this.shelf = shelf;
    this.uuid = uuid;
    this.sleep = sleep;
    this.id = "";
    this.origin = "";
    /** @type {Model[]} */
    this.models = [];
    /** @type {{id: string, width: number, height: number}[]} */
    this.pictures = [];
    /** @type {Wishes} */
    this.wishes = { prompt: "", model: "", options: {}, seed: "", count: 1, protect: true };
    /** @type {any} */
    this.quote = null;
    /** @type {Result[]} */
    this.results = [];
    /** @type {Result | null} */
    this.shown = null;
    /** @type {string} text key of what is going on */
    this.busy = "";
    /** @type {{request: string, about: string} | null} sent, but not known to have arrived */
    this.pending = null;
    /** @type {Record<string, number | undefined>} */
    this.timers = {};
    /** @type {string} the quote asked for last */
    this.asked = "";
    this.jobs = new Jobs(bridge, () => this.id, { changed: (job) => this.jobChanged(job), now: () => Date.now(), sleep, confirm });
    editor.on("mask", (step) => this.documentChanged(step));
    editor.on("chosen", () => this.shown && this.show(null));
  }

  /** @returns {Model | null} */
  get model() {
    return this.models.find((model) => model.id === this.wishes.model) || null;
  }

  /** @param {string} busy text key, "" = nothing */
  setBusy(busy) {
    this.busy = busy;
    this.editor.tell("busy");
  }

  /** @param {string | undefined} picture file id; the message's own picture without one @throws {CallFailed} */
  async open(picture) {
    this.setBusy("busy.opening");
    try {
      const answer = await this.bridge.call(picture ? { op: "open", picture } : { op: "open" });
      this.take(answer);
      const stored = await this.bridge.load(this.key).catch(() => null);
      await this.restore(answer.picture, stored);
      for (const row of answer.jobs || []) this.jobs.resume(row, this.aboutResumed(stored, row.job));
    } finally {
      this.setBusy("");
    }
    this.askForQuote();
  }

  /** @param {any} answer of `open` */
  take(answer) {
    this.id = String(answer.session);
    this.origin = String(answer.picture.id);
    this.models = answer.models || [];
    this.pictures = answer.pictures || [];
    this.jobs.all = [];
    this.results = [];
    this.shown = null;
    if (!this.model) this.wishes.model = (this.models.find((model) => model.state === "current") || this.models[0])?.id || "";
    this.editor.tell("models");
    this.editor.tell("results");
  }

  get key() {
    return `document:${this.origin}`;
  }

  /** @param {{id: string, width: number, height: number}} row @param {any} stored */
  async restore(row, stored) {
    const usable = stored && stored.version === 1 && stored.document?.version === 1;
    if (usable) this.takeWishes(stored.wishes);
    this.pending = (usable && stored.pending) || null;
    try {
      if (usable) return await this.showStored(stored);
    } catch (error) {
      if (!(error instanceof CallFailed || error instanceof RangeError || error instanceof TypeError)) throw error;
      this.editor.say({ kind: "error", text: t("notice.notRestored") });
    }
    const picture = await this.shelf.get(row.id);
    this.editor.show(new MaskDocument({ id: row.id, width: picture.width, height: picture.height }), picture);
  }

  /** @param {any} stored */
  async showStored(stored) {
    const picture = await this.shelf.get(stored.document.base.state.picture.id);
    this.editor.show(MaskDocument.fromStored(stored.document, picture.colours()), picture);
    this.editor.setEarlier(stored.earlier || []);
  }

  /** @param {Partial<Wishes> | undefined} stored */
  takeWishes(stored) {
    const { model = "", ...rest } = stored || {};
    Object.assign(this.wishes, rest);
    if (this.models.some((each) => each.id === model)) this.wishes.model = model;
    this.editor.tell("request");
  }

  /** @param {any} stored @param {string} job */
  aboutResumed(stored, job) {
    const known = stored?.jobs?.find((/** @type {any} */ row) => row.job === job);
    return known || { label: "", region: null, source: this.origin };
  }

  /** @param {Partial<Wishes>} change */
  wish(change) {
    Object.assign(this.wishes, change);
    this.editor.tell("request");
    this.save();
    if ("model" in change || "options" in change || "count" in change) this.askForQuote();
  }

  /** @param {any} step done, undone or done again */
  async documentChanged(step) {
    if (!step) return;
    this.save();
    if (step.kind === "frame" || step.kind === "picture") this.askForQuote();
    const { document, picture } = this.editor;
    if (!document || !picture || document.picture.id === picture.id) return;
    try {
      const wanted = await this.shelf.get(document.picture.id);
      if (document.picture.id === wanted.id) this.editor.show(document, wanted);
    } catch (error) {
      this.report(error);
    }
  }

  /** Stores document and wishes a moment after the last change. */
  save() {
    this.later("save", SAVE_AFTER, () => this.saveNow());
  }

  async saveNow() {
    clearTimeout(this.timers.save);
    const { document } = this.editor;
    if (!document || !this.origin) return;
    const jobs = this.jobs.all.map(({ job, label, region, source }) => ({ job, label, region, source }));
    const value = { version: 1, document: document.toStored(), wishes: this.wishes, jobs, pending: this.pending, earlier: this.editor.earlier };
    // Losing the draft is no reason to disturb a person who is painting.
    await this.bridge.store(this.key, value).catch(() => undefined);
  }

  /** @param {string} name @param {number} milliseconds @param {() => void} action */
  later(name, milliseconds, action) {
    clearTimeout(this.timers[name]);
    this.timers[name] = /** @type {any} */ (setTimeout(action, milliseconds));
  }

  askForQuote() {
    this.quote = null;
    this.editor.tell("quote");
    this.later("quote", QUOTE_AFTER, () => this.fetchQuote());
  }

  async fetchQuote() {
    const { model, id } = this;
    if (!model || !id) return;
    const asked = { op: "quote", session: id, model: model.id, ...this.regionPart(), ...this.optionsPart(model), count: this.wishes.count };
    const fingerprint = JSON.stringify(asked);
    this.asked = fingerprint;
    try {
      const quote = await this.bridge.call(asked);
      if (this.asked === fingerprint) this.quote = quote;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (this.asked === fingerprint) this.quote = null;
    }
    this.editor.tell("quote");
  }

  regionPart() {
    const { document } = this.editor;
    return document?.frame ? { region: document.frame } : {};
  }

  /** @param {Model} model */
  optionsPart(model) {
    const options = optionsToSend(model, this.wishes.options[model.id] || {});
    const seed = model.seed ? seedFrom(this.wishes.seed) : null;
    if (typeof seed === "number") options.seed = seed;
    return Object.keys(options).length ? { options } : {};
  }

  /** @returns {string | null} the text key of why nothing can be sent now */
  get reason() {
    const { document } = this.editor;
    const coverage = document ? document.coverage() : { painted: false, empty: true, full: false };
    const { prompt, seed } = this.wishes;
    const situation = { model: this.model, prompt, frame: document?.frame || null, picture: document?.picture || null, coverage };
    const reason = reasonNotToSend({ ...situation, busy: this.busy });
    return reason || (this.model?.seed && seedFrom(seed) === undefined ? "reason.seed" : null);
  }

  async start() {
    const { document } = this.editor;
    const { model } = this;
    if (!document || !model || this.reason) return;
    this.setBusy("busy.sending");
    this.editor.keepMask();
    try {
      const mask = await this.maskFile();
      if (mask.length > LARGEST_MASK) throw new CallFailed(t("reason.maskTooLarge"));
      const body = this.body(document, model, toBase64(mask));
      const about = { label: model.label, region: document.frame, source: document.picture.id };
      this.pending = this.requestFor(JSON.stringify(body));
      await this.saveNow();
      await this.jobs.start({ request: this.pending.request, ...body }, about);
      this.pending = null;
      this.show(null);
    } catch (error) {
      if (error instanceof CallFailed && error.reached) this.pending = null;
      this.report(error);
    } finally {
      this.setBusy("");
      this.save();
    }
  }

  /** @param {MaskDocument} document @param {Model} model @param {string} mask base64 */
  body(document, model, mask) {
    const { prompt, count, protect } = this.wishes;
    const text = model.prompt === "none" ? "" : prompt.trim();
    const picture = document.picture.id;
    return { model: model.id, prompt: text, mask, picture, ...this.regionPart(), ...this.optionsPart(model), protect, count: Math.min(count, model.maxCount || 1) };
  }

  /** @param {string} about what is sent @returns {{request: string, about: string}} the same id for the same content whose arrival is unknown */
  requestFor(about) {
    let mark = 0;
    for (let at = 0; at < about.length; at++) mark = (Math.imul(mark, 31) + about.charCodeAt(at)) | 0;
    const fingerprint = `${about.length}:${mark}`;
    if (this.pending?.about === fingerprint) return this.pending;
    return { request: this.uuid(), about: fingerprint };
  }

  /** @returns {Promise<Uint8Array>} the mask as grey PNG, of the frame or the picture */
  maskFile() {
    const document = /** @type {MaskDocument} */ (this.editor.document);
    const { x, y, width, height } = document.canvas;
    return writePng(width, height, 1, (top, lines) => document.read({ x, y: y + top, width, height: lines }));
  }

  /** @param {Job} job */
  jobChanged(job) {
    const isNew = job.state === "done" && !this.results.some((result) => result.job === job.job);
    if (isNew) {
      const rows = job.results.map((row, index) => this.resultOf(job, row, index));
      this.results.push(...rows);
      this.editor.tell("results");
      if (rows.length && !this.shown) this.show(rows[0]);
      if (job.error) this.editor.say({ kind: "error", text: job.error });
    }
    if (hasEnded(job)) this.save();
    this.editor.tell("jobs");
  }

  /** @param {Job} job @param {ResultRow} row @param {number} index @returns {Result} */
  resultOf(job, row, index) {
    const { label, region, source } = job;
    const number = this.results.length + index + 1;
    return { file: row.picture, seed: row.seed, protected: row.protected, label, region, source, job: job.job, number, chosen: false, applied: false };
  }

  /** @param {Result | null} result null = back to painting */
  show(result) {
    this.shown = result;
    this.editor.tell("shown");
  }

  /** @param {Result} result becomes the picture; the mask stays where it was */
  async continueWith(result) {
    const { document } = this.editor;
    if (!document) return;
    this.setBusy("busy.loading");
    try {
      const picture = await this.shelf.get(result.file);
      const frame = result.region && reachesOut(result.region, document.picture) ? result.region : boxOf(document.picture);
      const fits = document.picture.id === result.source && picture.width === frame.width && picture.height === frame.height;
      const row = { id: picture.id, width: picture.width, height: picture.height };
      document.apply({ kind: "picture", picture: row, origin: fits ? { x: frame.x, y: frame.y } : null });
      this.editor.show(document, picture);
      this.show(null);
      this.save();
      this.askForQuote();
    } catch (error) {
      this.report(error);
    } finally {
      this.setBusy("");
    }
  }

  /** @param {Result[]} results into the chat, as one message */
  async apply(results) {
    if (!results.length) return;
    this.setBusy("busy.applying");
    const call = { op: "apply", session: this.id, request: this.uuid(), pictures: results.map((result) => result.file) };
    try {
      let answer = await this.bridge.call(call);
      while (answer.state === "waiting") {
        this.editor.say({ kind: "info", text: t("notice.waiting") });
        await this.sleep(ASK_AGAIN);
        answer = await this.bridge.call(call);
      }
      for (const result of results) Object.assign(result, { applied: true, chosen: false });
      this.editor.say({ kind: "done", text: t("notice.applied"), action: { label: t("close"), press: () => this.close() } });
      this.editor.tell("results");
    } catch (error) {
      this.report(error);
    } finally {
      this.setBusy("");
    }
  }

  /** Goes on in a tab of its own; the page loads anew there, with all that was saved. */
  async moveToTab() {
    await this.saveNow();
    await this.bridge.tab().catch((error) => this.report(error));
  }

  async close() {
    await this.saveNow();
    if (this.id) await this.bridge.call({ op: "close", session: this.id }).catch(() => undefined);
    await this.bridge.close();
  }

  /** @param {unknown} error shown when it has a sentence for people, thrown on when it is a mistake in the page */
  report(error) {
    if (!(error instanceof CallFailed)) throw error;
    this.editor.say({ kind: "error", text: error.sentence });
  }
}
