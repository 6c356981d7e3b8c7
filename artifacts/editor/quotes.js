// @ts-check
// What the button's press will cost: one quote for each chosen model, asked a moment after the last change.

import { CallFailed } from "./bridge.js";
import { optionsPart, takesDrawing } from "./sending.js";

/** @import { Quote } from "./sending.js" */
/** @import { Session } from "./session.js" */

const ASK_AFTER = 250;

export class Quotes {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    /** @type {Quote[]} of the chosen models, in their order; empty while they are asked for */
    this.all = [];
    /** @type {string} what was asked for last */
    this.asked = "";
    this.timer = 0;
    /** Whether the prices are those with a drawing. */
    this.marked = false;
  }

  ask() {
    this.all = [];
    this.session.editor.tell("quote");
    clearTimeout(this.timer);
    this.timer = /** @type {any} */ (setTimeout(() => this.fetch(), ASK_AFTER));
  }

  async fetch() {
    const { id, chosen, wishes, mode, editor } = this.session;
    if (!chosen.length || !id) return;
    const place = mode.whole ? { whole: true } : editor.document?.frame ? { region: editor.document.frame } : {};
    const marked = (this.marked = !!editor.document?.drawing.length);
    const calls = chosen.map((model) => {
      const count = Math.min(wishes.count, model.maxCount || 1);
      return { op: "quote", "session": id, model: model.id, ...place, ...(marked && takesDrawing(model) && { marked }), ...optionsPart(model, wishes), count };
    });
    this.asked = JSON.stringify(calls);
    const { asked } = this;
    const quotes = await Promise.all(calls.map((call) => this.session.bridge.call(call).catch(unknown)));
    if (this.asked === asked) this.all = quotes;
    this.session.editor.tell("quote");
  }
}

/** @param {unknown} error @returns {Quote} nobody knows the price */
function unknown(error) {
  if (!(error instanceof CallFailed)) throw error;
  return { credits: null };
}
