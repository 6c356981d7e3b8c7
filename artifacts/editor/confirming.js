// @ts-check
// The question before a dear order: what it will cost, and a clear yes or no.

import { openDialog } from "./dialogs.js";
import { element, textButton } from "./elements.js";
import { t } from "./texts.js";

/** @typedef {{text: string, question: string}} Price as the server says it */

/** @param {Price} price @returns {Promise<boolean>} false also when the dialog is just closed */
export function confirmPrice({ text, question }) {
  return new Promise((resolve) => {
    const answer = (/** @type {boolean} */ yes) => {
      resolve(yes);
      dialog.close();
    };
    const order = textButton(t("confirm.order"), () => answer(true), "primary");
    const dialog = openDialog(t("confirm.title", { price: text }), [
      element("div", { class: "dialog-body" }, element("p", {}, question)),
      element("footer", {}, textButton(t("cancel"), () => answer(false)), order),
    ]);
    dialog.addEventListener("close", () => resolve(false));
    order.focus();
  });
}
