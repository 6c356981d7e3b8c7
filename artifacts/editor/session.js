// @ts-check
// One picture's session with the server: open, wishes, results, apply, and what survives a reload.

import { offerAgain, rememberOrigin } from "./again.js";
import { CallFailed } from "./bridge.js";
import { MaskDocument } from "./document.js";
import { reachesOut } from "./frame.js";
import { boxOf } from "./geometry.js";
import { hasEnded, Jobs } from "./jobs.js";
import { fittingModel, modeOf, wordsFor } from "./modes.js";
import { readOrders } from "./ordering.js";
import { Orders } from "./orders.js";
import { readPrompts, remembered } from "./prompts.js";
import { Quotes } from "./quotes.js";
import { reasonNotToSend, seedFrom } from "./sending.js";
import { t } from "./texts.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Price } from "./confirming.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Box } from "./geometry.js" */
/** @import { Job, ResultRow } from "./jobs.js" */
/** @import { PictureShelf } from "./picture.js" */
/** @import { Model } from "./sending.js" */
/** @typedef {{file: string, seed?: number | null, protected?: {pixels: number, changed: number}, label: string, region: Box | null, source: string, wishes?: Wishes, job: string, number: number, chosen: boolean, applied: boolean}} Result */
/**
 * @typedef {{prompt: string, mode: string, model: string, also: string[], options: Record<string, Record<string, unknown>>, seed: string, count: number,
 *   protect: boolean, format: string, seam: number | null}} Wishes
 *  `also` = further models asked by the same press; `format` "" = as the model delivers; `seam` in pixels, null = automatic
 */

const SAVE_AFTER = 400;
const ASK_AGAIN = 2000;
const PROMPTS = "prompts";

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
    this.orders = new Orders(this, uuid);
    this.quotes = new Quotes(this);
    this.id = "";
    this.origin = "";
    /** @type {Model[]} */
    this.models = [];
    /** @type {{id: string, width: number, height: number}[]} */
    this.pictures = [];
    /** @type {Wishes} */
    this.wishes = { prompt: "", mode: "fill", model: "", also: [], options: {}, seed: "", count: 1, protect: true, format: "", seam: null };
    /** @type {string[]} words used before, newest first */
    this.prompts = [];
    /** @type {Result[]} */
    this.results = [];
    /** @type {Result | null} */
    this.shown = null;
    /** @type {Result | null} what the shown result is compared with, null = the picture before */
    this.against = null;
    /** @type {Set<string>} files of results thrown away */
    this.discarded = new Set();
    /** @type {{result: Result, place: number} | null} the last one thrown away, as long as it can be brought back */
    this.thrown = null;
    /** @type {string} text key of what is going on */
    this.busy = "";
    /** @type {Record<string, number | undefined>} */
    this.timers = {};
    this.jobs = new Jobs(bridge, () => this.id, { changed: (job) => this.jobChanged(job), now: () => Date.now(), sleep, confirm });
    editor.on("mask", (step) => this.documentChanged(step));
    editor.on("chosen", () => this.shown && this.show(null));
  }

  /** @returns {Model | null} */
  get model() {
    return this.models.find((model) => model.id === this.wishes.model) || null;
  }

  /** @returns {Model[]} all that the next press asks, the model with the options first */
  get chosen() {
    const { model } = this;
    const further = this.models.filter((each) => each !== model && each.state !== "withdrawn" && this.wishes.also.includes(each.id));
    return model ? [model, ...further] : [];
  }

  get mode() {
    return modeOf(this.wishes.mode);
  }

  /** @param {string} busy text key, "" = nothing */
  setBusy(busy) {
    this.busy = busy;
    this.editor.tell("busy");
  }

  /** @param {string | undefined} picture file id; the message's own picture without one @throws {CallFailed} */
  async open(picture) {
    this.setBusy("busy.opening");
    let answer;
    try {
      answer = await this.bridge.call(picture ? { op: "open", picture } : { op: "open" });
      this.take(answer);
      const [stored, prompts] = await Promise.all([this.key, PROMPTS].map((key) => this.bridge.load(key).catch(() => null)));
      this.prompts = readPrompts(prompts);
      this.editor.tell("request");
      await this.restore(answer.picture, stored, answer.jobs || []);
      for (const row of answer.jobs || []) this.jobs.resume(row, this.aboutResumed(stored, row.job));
    } finally {
      this.setBusy("");
    }
    this.quotes.ask();
    await offerAgain(this, answer.source);
  }

  /** @param {any} answer of `open` */
  take(answer) {
    this.id = String(answer["session"]);
    this.origin = String(answer.picture.id);
    this.models = answer.models || [];
    this.pictures = answer.pictures || [];
    this.jobs.all = [];
    this.results = [];
    this.thrown = null;
    this.show(null);
    if (!this.model) this.wishes.model = (this.models.find((model) => model.state === "current") || this.models[0])?.id || "";
    this.editor.tell("models");
    this.editor.tell("results");
  }

  get key() {
    return `document:${this.origin}`;
  }

  /** @param {{id: string, width: number, height: number}} row @param {any} stored @param {{job: string}[]} jobs that the server knows */
  async restore(row, stored, jobs) {
    const usable = stored && stored.version === 1 && stored.document?.version === 1;
    if (usable) this.takeWishes(stored.wishes);
    this.orders.kept = usable ? readOrders(stored.orders, jobs) : [];
    this.discarded = new Set(usable && Array.isArray(stored.discarded) ? stored.discarded : []);
    if (this.orders.kept.length) this.editor.say({ kind: "info", text: t("notice.unsent") });
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
    if (["mode", "model", "also", "options", "count"].some((name) => name in change)) this.quotes.ask();
  }

  /** @param {string} id of a mode: sets model, protection, tool and mask up for it */
  setMode(id) {
    const mode = modeOf(id);
    const { editor } = this;
    const model = fittingModel(mode, this.models, this.model);
    const protect = mode.protect ?? this.wishes.protect;
    this.wish({ mode: mode.id, model: model?.id || "", protect });
    if (mode.tool || editor.tool === "frame") editor.choose(mode.tool || "brush");
    if (!mode.invert || !editor.document?.coverage().painted) return;
    editor.change("invert");
    editor.say({ kind: "info", text: t("notice.inverted") });
  }

  /** @param {any} step done, undone or done again */
  async documentChanged(step) {
    if (!step) return;
    if (this.thrown) this.editor.say(null);
    this.thrown = null;
    this.save();
    const isMarked = !!this.editor.document?.drawing.length;
    if (step.kind === "frame" || step.kind === "picture" || isMarked !== this.quotes.marked) this.quotes.ask();
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
    const jobs = this.jobs.all.map(({ job, label, region, source, wishes }) => ({ job, label, region, source, wishes }));
    const orders = this.orders.kept;
    const value = { version: 1, document: document.toStored(), wishes: this.wishes, jobs, orders, discarded: [...this.discarded], earlier: this.editor.earlier };
    // Losing the draft is no reason to disturb a person who is painting.
    await this.bridge.store(this.key, value).catch(() => undefined);
  }

  /** @param {string} name @param {number} milliseconds @param {() => void} action */
  later(name, milliseconds, action) {
    clearTimeout(this.timers[name]);
    this.timers[name] = /** @type {any} */ (setTimeout(action, milliseconds));
  }

  /** @returns {{key: string, label: string} | null} the text key of why nothing can be sent now, and the model it is about when several are chosen */
  get obstacle() {
    const models = this.chosen.length ? this.chosen : [null];
    const coverage = this.editor.document?.coverage() || { painted: false, empty: true, full: false };
    for (const model of models) {
      const key = this.obstacleOf(model, coverage);
      if (key) return { key, label: models.length > 1 && model && key !== this.busy ? model.label : "" };
    }
    return null;
  }

  /** @param {Model | null} model @param {{painted: boolean, empty: boolean, full: boolean}} coverage */
  obstacleOf(model, coverage) {
    const { document } = this.editor;
    const { mode, wishes } = this;
    const prompt = model ? wordsFor(mode, model, wishes.prompt) : "";
    const situation = { model, prompt, frame: document?.frame || null, picture: document?.picture || null, coverage };
    const reason = reasonNotToSend({ ...situation, whole: mode.whole, busy: this.busy });
    return reason || (model?.seed && seedFrom(wishes.seed) === undefined ? "reason.seed" : null);
  }

  async start() {
    if (this.obstacle) return;
    this.prompts = remembered(this.prompts, this.mode.words === "none" ? "" : this.wishes.prompt);
    // Losing the list of words is no reason not to send.
    this.bridge.store(PROMPTS, this.prompts).catch(() => undefined);
    this.editor.tell("request");
    this.editor.keepMask();
    await this.orders.start();
  }

  /** @param {Job} job */
  jobChanged(job) {
    const isNew = job.state === "done" && !this.results.some((result) => result.job === job.job);
    if (isNew) {
      const kept = job.results.filter((row) => !this.discarded.has(row.picture));
      const rows = kept.map((row, index) => this.resultOf(job, row, index));
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
    const { label, region, source, wishes } = job;
    const number = Math.max(0, ...this.results.map((result) => result.number)) + index + 1;
    return { file: row.picture, seed: row.seed, protected: row.protected, label, region, source, wishes, job: job.job, number, chosen: false, applied: false };
  }

  /** @param {Result | null} result null = back to painting */
  show(result) {
    this.shown = result;
    if (!result || this.against === result) this.against = null;
    this.editor.tell("shown");
  }

  /** @param {Result | null} result to compare the shown one with, null = the picture before */
  compareWith(result) {
    this.against = result;
    this.editor.tell("shown");
  }

  /** @param {1 | -1} direction shows the next or the previous result, round and round */
  step(direction) {
    const { results, shown } = this;
    if (!results.length) return;
    const at = shown ? results.indexOf(shown) + direction : 0;
    this.show(results[(at + results.length) % results.length]);
  }

  /** @param {Result} result leaves the strip; its file stays a draft */
  discard(result) {
    const place = this.results.indexOf(result);
    if (place < 0) return;
    this.results.splice(place, 1);
    this.discarded.add(result.file);
    this.thrown = { result, place };
    if (this.against === result) this.against = null;
    if (this.shown === result) this.show(this.results[Math.min(place, this.results.length - 1)] || null);
    const action = { label: t("result.bringBack"), press: () => this.bringBack() };
    this.editor.say({ kind: "info", text: t("notice.discarded", result), action });
    this.editor.tell("results");
    this.save();
  }

  bringBack() {
    if (!this.thrown) return;
    const { result, place } = this.thrown;
    this.thrown = null;
    this.discarded.delete(result.file);
    this.results.splice(place, 0, result);
    this.editor.say(null);
    this.editor.tell("results");
    this.show(result);
    this.save();
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
      this.quotes.ask();
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
    const call = { op: "apply", "session": this.id, request: this.uuid(), pictures: results.map((result) => result.file) };
    try {
      let answer = await this.bridge.call(call);
      while (answer.state === "waiting") {
        this.editor.say({ kind: "info", text: t("notice.waiting") });
        await this.sleep(ASK_AGAIN);
        answer = await this.bridge.call(call);
      }
      for (const result of results) Object.assign(result, { applied: true, chosen: false });
      rememberOrigin(this, results);
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
    if (this.id) await this.bridge.call({ op: "close", "session": this.id }).catch(() => undefined);
    await this.bridge.close();
  }

  /** @param {unknown} error shown when it has a sentence for people, thrown on when it is a mistake in the page */
  report(error) {
    if (!(error instanceof CallFailed)) throw error;
    this.editor.say({ kind: "error", text: error.sentence });
  }
}
