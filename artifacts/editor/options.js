// @ts-check
// A model's own options as controls, made from its data.

import { element, replaceContent, setAttribute, textButton } from "./elements.js";
import { checkedOption } from "./sending.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { OptionRow } from "./sending.js" */
/** @import { Session } from "./session.js" */

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} */
export function optionControls(editor, session) {
  const list = element("div", { class: "option-list" });
  const reset = textButton(t("options.reset"), () => choose({}), "link");
  const root = element("details", { class: "options" }, element("summary", {}, t("options")), list, reset);
  const choose = (/** @type {Record<string, unknown>} */ values) => {
    const id = session.wishes.model;
    session.wish({ options: { ...session.wishes.options, [id]: values } });
    if (!Object.keys(values).length) fill();
  };
  let shown = "";
  const fill = () => {
    const { model } = session;
    shown = session.wishes.model;
    root.hidden = !model || model.options.length === 0;
    const values = () => session.wishes.options[session.wishes.model] || {};
    replaceContent(list, ...(model?.options || []).map((option) => optionRow(option, values, choose)));
  };
  editor.on("models", fill);
  editor.on("request", () => shown !== session.wishes.model && fill());
  return root;
}

/** @param {OptionRow} option @param {() => Record<string, unknown>} values @param {(values: Record<string, unknown>) => void} choose */
function optionRow(option, values, choose) {
  const set = (/** @type {unknown} */ value) => choose({ ...values(), [option.name]: value });
  const make = { bool: switchInput, choice: choiceInput, int: numberInput, float: numberInput }[option.kind];
  if (!make) return null;
  const id = `option-${option.name}`;
  const input = make(option, values()[option.name] ?? option.default, set);
  input.id = id;
  return element(
    "div",
    { class: `option ${option.kind === "bool" ? "is-switch" : ""}` },
    element("label", { for: id }, readable(option.name), option.help && element("small", {}, option.help)),
    input,
  );
}

/** @param {OptionRow} option @param {any} value @param {(value: unknown) => void} set */
function switchInput(option, value, set) {
  const input = element("input", { type: "checkbox", role: "switch", class: "switch", onchange: () => set(input.checked) });
  input.checked = value === true;
  return input;
}

/** @param {OptionRow} option @param {any} value @param {(value: unknown) => void} set */
function choiceInput(option, value, set) {
  const choices = (option.choices || []).map((choice) => element("option", { value: choice }, choice));
  const input = element("select", { class: "select", onchange: () => set(input.value) }, ...choices);
  input.value = String(value ?? (option.choices || [])[0] ?? "");
  return input;
}

/** @param {OptionRow} option @param {any} value @param {(value: unknown) => void} set */
function numberInput(option, value, set) {
  const { minimum, maximum } = option;
  const input = element("input", {
    type: "number",
    class: "input",
    min: minimum,
    max: maximum,
    step: option.step || (option.kind === "int" ? 1 : "any"),
    placeholder: t("options.random"),
    oninput: () => {
      const isEmpty = input.value === "";
      const isFine = isEmpty || checkedOption(option, input.value) !== undefined;
      setAttribute(input, "aria-invalid", isFine ? null : "true");
      if (isFine) set(isEmpty ? undefined : Number(input.value));
    },
  });
  input.value = value ?? "";
  if (typeof minimum === "number" && typeof maximum === "number") input.title = `${minimum} – ${maximum}`;
  return input;
}

/** @param {string} name safety_tolerance @returns {string} Safety tolerance */
export function readable(name) {
  const words = name.replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
