// @ts-check
// What the model would get to see, asked of the server after each change of the mask, by the rule it will follow itself.

import { CallFailed } from "./bridge.js";
import { shownBox } from "./pen.js";
import { takesDrawing } from "./sending.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Session } from "./session.js" */

const ASK_AFTER = 300;

/** @param {Editor} editor @param {Session} session @param {Bridge} bridge */
export function followWorkArea(editor, session, bridge) {
  let timer = 0;
  let known = "";
  const ask = async () => {
    const wish = question(editor, session);
    const asked = wish ? JSON.stringify(wish) : "";
    if (asked === known) return;
    known = asked;
    try {
      const answer = wish && (await bridge.call(wish));
      if (known === asked) editor.setArea(answer ? answer.area : null);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (known !== asked) return;
      known = "";
      editor.setArea(null);
    }
  };
  editor.on(["mask", "picture", "request", "models", "looks"], () => {
    clearTimeout(timer);
    timer = /** @type {any} */ (setTimeout(ask, ASK_AFTER));
  });
}

/** @param {Editor} editor @param {Session} session @returns {Record<string, any> | null} null when there is nothing to show */
function question(editor, session) {
  const { document, looks } = editor;
  const { id, mode, model } = session;
  const { box: marked = null } = document?.coverage() || {};
  const box = document && model && takesDrawing(model) && marked ? shownBox(document, marked) : marked;
  if (!document || !box || !id || !model || mode.whole || model.state === "withdrawn" || !looks.area || looks.hidden) return null;
  return { op: "area", "session": id, model: model.id, picture: document.picture.id, box, ...(document.frame && { region: document.frame }) };
}
