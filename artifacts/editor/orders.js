// @ts-check
// The press on the button: one order for each chosen model, every one kept before it is sent.

import { CallFailed } from "./bridge.js";
import { Declined } from "./jobs.js";
import { LARGEST_MASK, requestBody, takesDrawing } from "./sending.js";
import { boxOf } from "./geometry.js";
import { planned } from "./ordering.js";
import { drawingText } from "./pen.js";
import { toBase64, writePng } from "./png.js";
import { t } from "./texts.js";

/** @import { MaskDocument } from "./document.js" */
/** @import { Order } from "./ordering.js" */
/** @import { Model } from "./sending.js" */
/** @import { Session } from "./session.js" */

export class Orders {
  /** @param {Session} session @param {() => string} uuid */
  constructor(session, uuid) {
    this.session = session;
    this.uuid = uuid;
    /** @type {Order[]} of the last press, as long as one of them may not have arrived */
    this.kept = [];
  }

  async start() {
    const { session } = this;
    const { document } = session.editor;
    if (!document || session.obstacle) return;
    session.setBusy("busy.sending");
    try {
      const mask = session.mode.whole ? "" : await maskText(document);
      const place = session.mode.whole ? boxOf(document.picture) : document.canvas;
      const markup = session.chosen.some(takesDrawing) ? await drawingText(document, place) : "";
      const parts = session.chosen.map((model) => ({ model, body: this.body(document, model, mask, markup) }));
      this.kept = planned(parts.map(({ body }) => JSON.stringify(body)), this.kept, this.uuid);
      await session.saveNow();
      const failures = await this.send(parts, document);
      if (failures.length < parts.length) session.show(null);
      if (failures.length) throw new CallFailed([...new Set(failures)].join(" "));
    } catch (error) {
      session.report(error);
    } finally {
      if (this.kept.every((order) => order.arrived)) this.kept = [];
      session.setBusy("");
      session.save();
    }
  }

  /** @param {{model: Model, body: Record<string, unknown>}[]} parts @param {MaskDocument} document @returns {Promise<string[]>} a sentence for each that failed */
  async send(parts, document) {
    const failures = [];
    const orders = this.kept;
    const { wishes } = this.session;
    let agreed = false;
    for (const [index, { model, body }] of parts.entries()) {
      const order = orders[index];
      if (order.arrived) continue;
      const about = { label: model.label, region: regionOf(body), source: document.picture.id, wishes: structuredClone({ ...wishes, model: model.id }) };
      try {
        const beside = parts.filter((_, other) => other !== index && !orders[other].arrived).map((part) => priceOf(part.body));
        /** @type {Record<string, unknown>} */
        const call = { request: order.request, ...body, ...(agreed ? { confirm: true } : beside.length && { beside }) };
        await this.session.jobs.start(call, about);
        agreed = call.confirm === true;
        order.arrived = true;
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        if (error instanceof Declined) return this.decline(error.sentence);
        // What the server refused has surely not been ordered.
        order.arrived = error.reached;
        failures.push(parts.length > 1 ? `${model.label}: ${error.sentence}` : error.sentence);
      }
      await this.session.saveNow();
    }
    return failures;
  }

  /** @param {string} sentence @returns {string[]} one no is meant for the whole press */
  decline(sentence) {
    const open = this.kept.filter((order) => !order.arrived);
    for (const order of open) order.arrived = true;
    return open.map(() => sentence);
  }

  /** @param {MaskDocument} document @param {Model} model @param {string} mask base64 @param {string} markup base64 */
  body(document, model, mask, markup) {
    const { wishes, mode } = this.session;
    return requestBody({ wishes, mode, model, mask, markup, picture: document.picture.id, region: document.frame });
  }
}

/** @param {Record<string, any>} body @returns {Record<string, unknown>} what its price depends on, beside picture and region */
function priceOf({ model, count, options }) {
  return { model, count, ...(options && { options }) };
}

/** @param {Record<string, any>} body */
function regionOf(body) {
  return body.region || null;
}

/** @param {MaskDocument} document @returns {Promise<string>} its mask as grey PNG, of the frame or the picture @throws {CallFailed} too large to send */
async function maskText(document) {
  const { x, y, width, height } = document.canvas;
  const mask = await writePng(width, height, 1, (top, lines) => document.read({ x, y: y + top, width, height: lines }));
  if (mask.length > LARGEST_MASK) throw new CallFailed(t("reason.maskTooLarge"));
  return toBase64(mask);
}
