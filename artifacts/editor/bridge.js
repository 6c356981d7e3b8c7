// @ts-check
// The only way out of the page: messages to the bridge in the host's page, each answered once.

/** @typedef {{mime: string, data: ArrayBuffer}} Bytes */
/** @typedef {{theme: "light" | "dark", language: string, picture?: string, mode?: string, tab?: boolean}} Start */

/** Longer than the server's own wait of 20 s in a poll. */
const LONGEST_WAIT = 120_000;

/** A refusal or a lost connection; `sentence` is for the person, `field` names what was wrong, if anything was. */
export class CallFailed extends Error {
  /** @param {string} sentence @param {string} [field] @param {boolean} [reached] whether the server itself said so */
  constructor(sentence, field, reached = true) {
    super(sentence);
    this.sentence = sentence;
    this.field = field;
    this.reached = reached;
  }
}

export class Bridge {
  /** @param {Window} page @param {{postMessage: (message: any, target: string, transfer?: Transferable[]) => void}} host @param {string} noAnswer sentence for a call that nobody answers */
  constructor(page, host, noAnswer) {
    this.page = page;
    this.host = host;
    this.noAnswer = noAnswer;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void, timer: number}>} */
    this.waiting = new Map();
    this.last = 0;
    /** @type {(start: Start) => void} */
    this.started = () => {};
    page.addEventListener("message", (event) => this.receive(/** @type {MessageEvent} */ (event)));
  }

  /** @returns {Promise<Start>} what the host says first */
  ready() {
    return new Promise((resolve) => {
      this.started = resolve;
      this.host.postMessage({ flux: 1, kind: "ready" }, "*");
    });
  }

  /** @param {Record<string, unknown>} event of the contract, without `page` @returns {Promise<any>} the server's answer @throws {CallFailed} */
  async call(event) {
    const answer = await this.ask("call", { event: { page: "editor", ...event } });
    if (answer && typeof answer.error === "string" && !("state" in answer)) {
      throw new CallFailed(answer.error, answer.field);
    }
    return answer;
  }

  /** @param {string} file @returns {Promise<Bytes>} */
  picture(file) {
    return this.ask("picture", { file });
  }

  /** @param {string} name @param {string} mime @param {ArrayBuffer} data given away @returns {Promise<{file: string}>} */
  upload(name, mime, data) {
    return this.ask("upload", { name, mime, data }, [data]);
  }

  /** @param {string} name @param {string} mime @param {ArrayBuffer} data given away @returns {Promise<void>} */
  save(name, mime, data) {
    return this.ask("save", { name, mime, data }, [data]);
  }

  /** @param {string} mime @param {ArrayBuffer} data given away @returns {Promise<void>} once it is in the clipboard */
  copy(mime, data) {
    return this.ask("copy", { mime, data }, [data]);
  }

  /** @param {string} key @param {unknown} value null forgets it @returns {Promise<void>} */
  store(key, value) {
    return this.ask("store", { key, value });
  }

  /** @param {string} key @returns {Promise<any>} */
  load(key) {
    return this.ask("load", { key });
  }

  /** Moves the page into a tab of its own, where it loads anew. @returns {Promise<void>} @throws {CallFailed} */
  tab() {
    return this.ask("tab", {});
  }

  close() {
    return this.ask("close", {});
  }

  /** @param {string} kind @param {Record<string, unknown>} rest @param {Transferable[]} [transfer] @returns {Promise<any>} */
  ask(kind, rest, transfer = []) {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = this.page.setTimeout(() => this.settle(id, { ok: false, error: this.noAnswer }), LONGEST_WAIT);
      this.waiting.set(id, { resolve, reject, timer });
      this.host.postMessage({ flux: 1, id, kind, ...rest }, "*", transfer);
    });
  }

  /** @param {MessageEvent} event */
  receive(event) {
    const message = event.data;
    if (event.source !== this.host || !message || message.flux !== 1) return;
    if (message.kind === "start") this.started(message);
    else if (typeof message.id === "number") this.settle(message.id, message);
  }

  /** @param {number} id @param {{ok: boolean, value?: any, error?: unknown}} answer */
  settle(id, answer) {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.waiting.delete(id);
    this.page.clearTimeout(waiting.timer);
    if (answer.ok) waiting.resolve(answer.value);
    else waiting.reject(new CallFailed(String(answer.error || this.noAnswer), undefined, false));
  }
}
