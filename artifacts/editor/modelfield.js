// @ts-check
// Which model does it, and which further ones are asked by the same press.

import { element, replaceContent } from "./elements.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { Model } from "./sending.js" */
/** @import { Session } from "./session.js" */

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} */
export function modelField(editor, session) {
  const select = element("select", { id: "model", class: "select", onchange: () => session.wish({ model: select.value }) });
  const summary = element("p", { class: "quiet" });
  editor.on("models", () => {
    replaceContent(select, ...session.models.map((model) => modelChoice(model)));
    select.disabled = session.models.length === 0;
  });
  editor.on(["request", "models"], () => {
    const { model } = session;
    select.value = session.wishes.model;
    const successor = model?.successor && model.state !== "current" ? t("model.successor", { successor: model.successor }) : "";
    summary.textContent = model ? [model.summary, successor].filter(Boolean).join(" ") : session.id ? t("model.nothing") : "";
  });
  return element("section", { class: "field" }, element("label", { for: "model", class: "label" }, t("model")), select, summary, furtherModels(editor, session));
}

/** @param {Model} model */
function modelChoice(model) {
  const label = model.state === "current" ? model.label : t(`model.${model.state}`, { label: model.label });
  return element("option", { value: model.id, disabled: model.state === "withdrawn" }, label);
}

/** @param {Editor} editor @param {Session} session a list to check, of all models but the chosen one */
function furtherModels(editor, session) {
  const title = element("summary");
  const list = element("div", { class: "option-list", role: "group", "aria-label": t("model.further") });
  const root = element("details", { class: "further" }, title, list, element("small", {}, t("model.furtherHelp")));
  /** @type {{model: Model, row: {node: HTMLElement, input: any}}[]} */
  let rows = [];
  const fill = () => {
    const usable = session.models.filter((model) => model.state !== "withdrawn");
    rows = usable.map((model) => ({ model, row: checkRow(model, session) }));
    replaceContent(list, ...rows.map(({ row }) => row.node));
  };
  const show = () => {
    const { model: first, wishes, chosen } = session;
    for (const { model, row } of rows) {
      row.node.hidden = model === first;
      row.input.checked = wishes.also.includes(model.id);
    }
    root.hidden = rows.length < 2;
    title.textContent = chosen.length > 1 ? t("model.furtherSome", { count: chosen.length - 1 }) : t("model.further");
  };
  editor.on("models", fill);
  editor.on(["models", "request"], show);
  return root;
}

/** @param {Model} model @param {Session} session */
function checkRow(model, session) {
  const input = element("input", {
    type: "checkbox",
    onchange: () => {
      const others = session.wishes.also.filter((id) => id !== model.id);
      session.wish({ also: input.checked ? [...others, model.id] : others });
    },
  });
  return { input, node: element("label", { class: "check-row" }, input, element("span", {}, model.label)) };
}
