// @ts-check
// The bar of the shown result: the proof of what stayed, the ways to compare it, and what to do with it.

import { segments } from "./controls.js";
import { element, icon, iconButton, replaceContent, setAttribute, textButton } from "./elements.js";
import { COMPARISONS } from "./halves.js";
import { RAMP } from "./heat.js";
import { inWords, percent, t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { Result, Session } from "./session.js" */

/**
 * @param {Editor} editor @param {Session} session
 * @param {{download: (result: Result) => void, copy: (result: Result) => void}} ways @returns {HTMLElement}
 */
export function resultBar(editor, session, ways) {
  const about = element("div", { class: "result-about" });
  const comparing = element("div", { class: "button-row comparing" }, ...comparingControls(editor, session));
  const node = element("div", { class: "result-bar", hidden: true }, about, actions(editor, session, ways), comparing);
  editor.on(["results", "shown"], () => {
    const { shown } = session;
    node.hidden = !shown;
    if (shown) replaceContent(about, ...aboutResult(session, shown));
  });
  return node;
}

/** @param {Session} session @param {Result | null} result @returns {string} */
export function nameOf(session, result) {
  if (!result) return t("result.before");
  const several = new Set(session.results.map(({ label }) => label)).size > 1;
  return several && result.label ? `${result.number} · ${result.label}` : t("result.number", result);
}

/** @param {Session} session @param {Result} result */
function aboutResult(session, result) {
  const seed = typeof result.seed === "number" ? result.seed : null;
  const use = () => session.wish({ seed: String(seed) });
  return [
    element("strong", {}, result.label || t("result.number", result)),
    proof(result),
    seed !== null && textButton(t("result.seed", { seed }), use, "link", { title: t("result.useSeed") }),
  ];
}

/** @param {Result} result @returns {HTMLElement} */
function proof({ protected: kept }) {
  if (!kept) return element("span", { class: "proof" }, t("result.unprotected"));
  const values = { pixels: inWords(kept.pixels), changed: inWords(kept.changed) };
  const isKept = kept.changed === 0;
  return element(
    "span",
    { class: isKept ? "proof kept" : "proof broken" },
    icon(isKept ? "shield" : "warning"),
    t(isKept ? "result.protected" : "result.changed", values),
  );
}

/** @param {Editor} editor @param {Session} session */
function comparingControls(editor, session) {
  const ways = COMPARISONS.map((value) => ({ value, label: t(`compare.${value}`), title: t("compare.key") }));
  const way = segments(t("compare"), ways, (value) => editor.compareBy(value));
  const controls = { wipe: wipe(editor), heat: legend(editor) };
  const show = () => {
    way.show(editor.comparing);
    controls.wipe.hidden = editor.comparing !== "wipe";
    controls.heat.hidden = editor.comparing !== "heat";
  };
  editor.on("looks", show);
  show();
  return [way.node, againstChoice(editor, session), controls.wipe, controls.heat, holdButton(editor)];
}

/** @param {Editor} editor @param {Session} session what the shown result is compared with */
function againstChoice(editor, session) {
  const find = () => session.results.find((result) => result.file === select.value) || null;
  const select = element("select", { class: "select small", "aria-label": t("compare.with"), onchange: () => session.compareWith(find()) });
  editor.on(["results", "shown"], () => {
    const { shown, results } = session;
    const others = results.filter((result) => result !== shown);
    select.hidden = others.length === 0;
    const choices = [element("option", { value: "" }, t("compare.before")), ...others.map((result) => element("option", { value: result.file }, nameOf(session, result)))];
    replaceContent(select, ...choices);
    select.value = session.against?.file || "";
  });
  return select;
}

/** @param {Editor} editor */
function wipe(editor) {
  const input = element("input", {
    type: "range",
    class: "wipe",
    min: 0,
    max: 100,
    "aria-label": t("result.wipe"),
    oninput: () => editor.compare({ share: Number(input.value) / 100 }),
  });
  editor.on("draft", () => {
    if (editor.comparison) input.value = String(Math.round(editor.comparison.share * 100));
  });
  return input;
}

/** @param {Editor} editor the colours of the heat map, and how much of what is on the screen has one */
function legend(editor) {
  const share = element("span", { class: "heat-share" });
  const colours = RAMP.map((colour) => `rgb(${colour.join(" ")})`).join(",");
  const scale = element("span", { class: "heat-scale", style: `background:linear-gradient(90deg,${colours})` });
  const same = element("span", { class: "heat-same" });
  editor.on("heat", ({ changed, seen }) => {
    share.textContent = t("heat.share", { percent: percent(seen ? changed / seen : 0) });
  });
  const parts = [same, t("heat.same"), element("span", { class: "heat-from" }, t("heat.little")), scale, t("heat.much"), share];
  return element("div", { class: "legend" }, ...parts);
}

/** @param {Editor} editor */
function holdButton(editor) {
  const hold = (/** @type {boolean} */ held) => editor.comparison && editor.compare({ held });
  const button = iconButton("compare", t("result.hold"), () => {}, {
    onpointerdown: () => hold(true),
    onpointerup: () => hold(false),
    onpointerleave: () => hold(false),
    onkeydown: (/** @type {KeyboardEvent} */ event) => (event.key === " " || event.key === "Enter") && hold(true),
    onkeyup: () => hold(false),
  });
  setAttribute(button, "aria-keyshortcuts", "x");
  return button;
}

/**
 * @param {Editor} editor @param {Session} session
 * @param {{download: (result: Result) => void, copy: (result: Result) => void}} ways
 */
function actions(editor, session, { download, copy }) {
  const withShown = (/** @type {(result: Result) => void} */ action) => () => session.shown && action(session.shown);
  const chosen = () => {
    const marked = session.results.filter((result) => result.chosen);
    return marked.length || !session.shown ? marked : [session.shown];
  };
  const apply = textButton("", () => session.apply(chosen()), "primary");
  const onward = textButton(t("result.continue"), withShown((result) => session.continueWith(result)));
  const steps = [
    iconButton("chevron", t("result.previous"), () => session.step(-1), { class: "turned-left", "aria-keyshortcuts": "ArrowLeft" }),
    iconButton("chevron", t("result.next"), () => session.step(1), { class: "turned-right", "aria-keyshortcuts": "ArrowRight" }),
  ];
  const away = iconButton("clear", t("result.discard"), withShown((result) => session.discard(result)), { "aria-keyshortcuts": "Delete" });
  editor.on(["results", "shown", "busy"], () => {
    const { length } = chosen();
    replaceContent(apply, length > 1 ? t("result.applyMany", { count: length }) : t("result.apply"));
    apply.disabled = onward.disabled = away.disabled = session.busy !== "";
    for (const step of steps) step.hidden = session.results.length < 2;
  });
  return element(
    "div",
    { class: "button-row result-actions" },
    ...[...steps, away],
    iconButton("copy", t("result.copy"), withShown(copy)),
    iconButton("download", t("result.download"), withShown(download)),
    ...[onward, apply],
  );
}
