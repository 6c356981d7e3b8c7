// @ts-check
// Running jobs: sent once, followed until they end, cancelled on wish, picked up again after a reload.

import { CallFailed } from "./bridge.js";
import { t } from "./texts.js";

/** @import { Price } from "./confirming.js" */
/** @import { Box } from "./geometry.js" */
/** @import { Wishes } from "./session.js" */
/** @typedef {{picture: string, seed?: number | null, protected?: {pixels: number, changed: number}}} ResultRow */
/**
 * @typedef {{job: string, state: string, label: string, region: Box | null, source: string, wishes?: Wishes, began: number, revision: number | null,
 *   progress: number | null, position: number | null, preview: string | null, cost: unknown, results: ResultRow[], error: string, away: boolean}} Job
 *  `source` = the picture it works on; `away` = the connection is lost and tried again
 */

const ENDED = new Set(["done", "failed", "cancelled"]);
const PAUSES = [1000, 2000, 4000, 8000];

/** @param {Job} job */
export function hasEnded(job) {
  return ENDED.has(job.state);
}

/** The person said no to the price of the whole press. */
export class Declined extends CallFailed {}

export class Jobs {
  /**
   * @param {{call: (event: Record<string, unknown>) => Promise<any>}} bridge @param {() => string} session
   * @param {{changed: (job: Job) => void, now: () => number, sleep: (milliseconds: number) => Promise<void>, confirm: (price: Price) => Promise<boolean>}} surroundings
   */
  constructor(bridge, session, { changed, now, sleep, confirm }) {
    this.bridge = bridge;
    this.session = session;
    this.changed = changed;
    this.now = now;
    this.sleep = sleep;
    this.confirm = confirm;
    /** @type {Job[]} newest last */
    this.all = [];
  }

  /** @returns {Job[]} */
  get running() {
    return this.all.filter((job) => !hasEnded(job));
  }

  /**
   * @param {Record<string, unknown>} body of the start call; gets `confirm: true` with the person's yes @param {{label: string, region: Box | null, source: string, wishes?: Wishes}} about
   * @returns {Promise<Job>} @throws {CallFailed} when the server refuses @throws {Declined} when the person declines the price
   */
  async start(body, about) {
    let answer = await this.bridge.call({ op: "start", session: this.session(), ...body });
    if (answer.confirm) {
      if (!(await this.confirm(answer.confirm))) throw new Declined(t("notice.notOrdered"));
      body.confirm = true;
      answer = await this.bridge.call({ op: "start", session: this.session(), ...body });
    }
    return this.resume({ job: answer.job, state: answer.state }, about);
  }

  /** @param {{job: string, state: string}} row @param {{label: string, region: Box | null, source: string, wishes?: Wishes}} about @returns {Job} */
  resume(row, about) {
    const known = this.all.find((each) => each.job === row.job);
    if (known) return known;
    /** @type {Job} */
    const job = {
      ...about,
      ...{ job: row.job, state: hasEnded(/** @type {any} */ (row)) ? "running" : row.state, began: this.now() },
      ...{ revision: null, progress: null, position: null, preview: null, cost: null, results: [], error: "", away: false },
    };
    this.all.push(job);
    this.changed(job);
    this.follow(job);
    return job;
  }

  /** @param {Job} job asks until it has ended; a lost connection is tried again for ever, a refusal ends it */
  async follow(job) {
    const session = this.session();
    for (let failures = 0; !hasEnded(job); ) {
      try {
        const after = job.revision === null ? {} : { after: job.revision };
        const news = await this.bridge.call({ op: "poll", "session": session, job: job.job, ...after });
        // A server that answers at once with nothing new would be asked without end.
        if (news.revision === job.revision && !ENDED.has(news.state)) await this.sleep(PAUSES[0]);
        failures = 0;
        take(job, news);
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        if (error.reached) Object.assign(job, { state: "failed", error: error.sentence });
        else Object.assign(job, { away: true, error: error.sentence });
        this.changed(job);
        if (!error.reached) await this.sleep(PAUSES[Math.min(failures++, PAUSES.length - 1)]);
        continue;
      }
      this.changed(job);
    }
  }

  /** @param {Job} job */
  async cancel(job) {
    const { state } = await this.bridge.call({ op: "cancel", "session": this.session(), job: job.job });
    if (ENDED.has(state) && state !== "done" && !hasEnded(job)) job.state = state;
    this.changed(job);
  }

  /** @param {Job} job */
  dismiss(job) {
    this.all = this.all.filter((each) => each !== job);
    this.changed(job);
  }
}

/** @param {Job} job @param {any} news answer of a poll */
function take(job, news) {
  job.away = false;
  // After a cancel an older answer may still be on its way.
  if (!hasEnded(job)) job.state = String(news.state);
  job.revision = news.revision ?? job.revision;
  job.progress = typeof news.progress === "number" ? news.progress : job.progress;
  job.position = typeof news.position === "number" ? news.position : null;
  if (typeof news.preview === "string" && news.preview) job.preview = news.preview;
  job.cost = news.cost ?? job.cost;
  job.error = typeof news.error === "string" ? news.error : "";
  if (Array.isArray(news.results)) job.results = news.results;
}

/** @param {string} preview base64 JPEG, with or without its data address @returns {string} */
export function previewAddress(preview) {
  return preview.startsWith("data:image/") ? preview : `data:image/jpeg;base64,${preview}`;
}
