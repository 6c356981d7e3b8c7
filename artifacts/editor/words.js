// @ts-check
// What the person wants and says: the mode, the words, the words used before, and what the model will be told.

import { popUp } from "./controls.js";
import { element, iconButton, replaceContent, textButton } from "./elements.js";
import { isPossible, MODES, wordsFor, wordsWanted } from "./modes.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { Session } from "./session.js" */

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} */
export function modeField(editor, session) {
  const select = element("select", { id: "mode", class: "select", onchange: () => session.setMode(select.value) });
  const choices = MODES.map((mode) => ({ mode, option: element("option", { value: mode.id }, t(`mode.${mode.id}`)) }));
  select.append(...choices.map(({ option }) => option));
  const help = element("p", { class: "quiet" });
  const show = () => {
    for (const { mode, option } of choices) option.disabled = session.models.length > 0 && !isPossible(mode, session.models);
    select.value = session.mode.id;
    help.textContent = t(`mode.${session.mode.id}.help`);
  };
  editor.on(["request", "models"], show);
  show();
  return element("section", { class: "field" }, element("label", { for: "mode", class: "label" }, t("mode")), select, help);
}

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} */
export function promptField(editor, session) {
  const input = element("textarea", {
    id: "prompt",
    class: "prompt",
    rows: 3,
    maxlength: 10000,
    oninput: () => session.wish({ prompt: input.value }),
  });
  const none = element("p", { class: "quiet" });
  const optional = element("span", { class: "quiet" }, t("prompt.optional"));
  const sent = element("p", { class: "quiet sent-words" });
  const title = element("span");
  const before = history(editor, session);
  const head = element("div", { class: "prompt-head" }, element("label", { for: "prompt", class: "label" }, title, optional), before);
  const show = () => {
    const { model, mode, wishes } = session;
    const kind = model ? wordsWanted(mode, model) : "required";
    const told = model ? wordsFor(mode, model, wishes.prompt) : "";
    if (input.value !== wishes.prompt) input.value = wishes.prompt;
    input.placeholder = t(`mode.${mode.id}.example`);
    title.textContent = t(mode.whole ? "prompt.whole" : "prompt");
    input.hidden = kind === "none";
    before.hidden = input.hidden || session.prompts.length === 0;
    none.hidden = kind !== "none";
    none.textContent = t(told ? "prompt.said" : "prompt.none");
    optional.hidden = kind !== "optional";
    sent.hidden = !told || told === wishes.prompt.trim();
    sent.textContent = t("prompt.sent", { words: told });
  };
  editor.on(["request", "models"], show);
  show();
  return element("section", { class: "field" }, head, input, none, sent);
}

/** @param {Editor} editor @param {Session} session the words used before, in a card */
function history(editor, session) {
  const list = element("div", { class: "prompt-list", role: "group", "aria-label": t("prompts") });
  const button = iconButton("history", t("prompts"), () => {});
  const root = popUp(button, element("div", {}, element("h3", {}, t("prompts")), list));
  const take = (/** @type {string} */ prompt) => {
    session.wish({ prompt });
    root.dispatchEvent(new Event("close-card"));
    document.getElementById("prompt")?.focus();
  };
  /** @type {string[]} */
  let shown = [];
  editor.on("request", () => {
    if (shown === session.prompts) return;
    shown = session.prompts;
    replaceContent(list, ...session.prompts.map((prompt) => textButton(prompt, () => take(prompt), "menu-row")));
  });
  return root;
}
