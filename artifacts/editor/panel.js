// @ts-check
// The request: what is marked, variants and seed, the parts made elsewhere, and the button that sends it.

import { segments } from "./controls.js";
import { element, icon, iconButton, replaceContent, setAttribute } from "./elements.js";
import { reachesOut } from "./frame.js";
import { jobCards } from "./jobcards.js";
import { modelField } from "./modelfield.js";
import { optionControls } from "./options.js";
import { outcomeFields } from "./outcome.js";
import { countParts } from "./parts.js";
import { drawingNote } from "./pen.js";
import { LARGEST_SEED, sumText } from "./sending.js";
import { inWords, percent, t } from "./texts.js";
import { modeField, promptField } from "./words.js";

/** @import { MaskDocument } from "./document.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Session } from "./session.js" */

const MOST_VARIANTS = 4;
/** Milliseconds after the last change at which the parts are counted. */
const COUNT_AFTER = 150;

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} */
export function requestPanel(editor, session) {
  const body = element(
    "div",
    { class: "panel-body" },
    modeField(editor, session),
    maskSummary(editor, session),
    promptField(editor, session),
    drawingNote(editor, session),
    modelField(editor, session),
    element("div", { class: "sheet-only-open" }, countField(editor, session)),
    optionControls(editor, session),
    outcomeFields(editor, session),
  );
  const panel = element(
    "aside",
    { class: "panel", "aria-label": t("panel") },
    sheetHandle(() => panel),
    body,
    jobCards(editor, session),
    sendButton(editor, session),
  );
  return panel;
}

/** @param {() => HTMLElement} panel */
function sheetHandle(panel) {
  const button = element("button", { type: "button", class: "sheet-handle", "aria-expanded": "false", onclick: () => turn() }, element("span", { class: "grip" }));
  const turn = () => {
    const open = panel().classList.toggle("open");
    setAttribute(button, "aria-expanded", String(open));
    setAttribute(button, "aria-label", t(open ? "sheet.less" : "sheet.more"));
  };
  setAttribute(button, "aria-label", t("sheet.more"));
  return button;
}

/** @param {Editor} editor @param {Session} session */
function maskSummary(editor, session) {
  const share = element("strong");
  const where = element("span", { class: "quiet" });
  const parts = element("span", { class: "quiet parts" });
  const meter = element("div", { class: "meter" }, element("span"));
  const warning = element("p", { class: "warning", role: "status" });
  const root = element("section", { class: "mask-summary" }, element("div", { class: "summary-line" }, share, where, parts), meter, warning);
  let timer = 0;
  editor.on("request", () => (root.hidden = !!session.mode.whole));
  editor.on(["mask", "picture"], () => {
    const { document } = editor;
    if (!document) return;
    const coverage = document.coverage();
    const { box, empty, full } = coverage;
    share.textContent = empty ? t("coverage.none") : t("coverage.some", { percent: percent(coverage.share) });
    where.textContent = box ? t("coverage.where", { ...box }) : "";
    clearTimeout(timer);
    // Every pixel is looked at: not while somebody is still pressing keys.
    timer = /** @type {any} */ (setTimeout(() => (parts.textContent = partsText(document)), COUNT_AFTER));
    meter.firstChild.style.width = `${Math.min(100, coverage.share * 100)}%`;
    const extended = reachesOut(document.frame, document.picture);
    const key = full ? "coverage.full" : extended ? "coverage.outside" : document.frame ? "coverage.workArea" : "";
    replaceContent(warning, ...(key ? [icon(full ? "warning" : "frame"), t(key)] : []));
    root.classList.toggle("is-full", full);
  });
  return root;
}

/** @param {MaskDocument} document */
function partsText(document) {
  const { box } = document.coverage();
  const parts = box ? countParts((part) => document.read(part), box) : 0;
  return parts === 0 ? "" : parts === 1 ? t("coverage.onePart") : t("coverage.parts", { parts: inWords(parts) });
}

/** @param {Editor} editor @param {Session} session */
function countField(editor, session) {
  const choices = Array.from({ length: MOST_VARIANTS }, (_, index) => ({ value: index + 1, label: String(index + 1) }));
  const count = segments(t("count"), choices, (value) => session.wish({ count: value }));
  const seed = element("input", {
    id: "seed",
    type: "text",
    inputmode: "numeric",
    class: "input",
    maxlength: 10,
    placeholder: t("options.random"),
    oninput: () => session.wish({ seed: seed.value }),
  });
  const dice = iconButton("dice", t("seed.dice"), () => session.wish({ seed: String(Math.floor(Math.random() * (LARGEST_SEED + 1))) }));
  const seedField = element("div", { class: "field" }, element("label", { for: "seed", class: "label" }, t("seed")), element("div", { class: "with-button" }, seed, dice));
  const show = () => {
    const { model, wishes } = session;
    count.show(Math.min(wishes.count, model?.maxCount || 1), (value) => value <= (model?.maxCount || 1));
    if (seed.value !== wishes.seed) seed.value = wishes.seed;
    seedField.hidden = !model?.seed;
  };
  editor.on(["request", "models"], show);
  show();
  return element("section", { class: "two" }, element("div", { class: "field" }, element("span", { class: "label" }, t("count")), count.node), seedField);
}

/** @param {Editor} editor @param {Session} session */
function sendButton(editor, session) {
  const label = element("span", {}, t("send"));
  const price = element("span", { class: "price" });
  const reason = element("p", { id: "send-reason", class: "reason", role: "status" });
  const button = element(
    "button",
    { type: "button", class: "button primary send", "aria-describedby": "send-reason", "aria-keyshortcuts": "Control+Enter", onclick: () => session.start() },
    label,
    price,
  );
  const show = () => {
    const { obstacle, chosen, quotes } = session;
    button.disabled = obstacle !== null;
    reason.textContent = obstacle ? [obstacle.label, t(obstacle.key)].filter(Boolean).join(": ") : "";
    label.textContent = chosen.length > 1 ? t("send.several", { count: chosen.length }) : t("send");
    const text = sumText(quotes.all);
    price.textContent = text ? t("send.price", { price: text }) : "";
    button.title = quotes.all.flatMap(({ basis }) => basis || []).join(" ");
  };
  editor.on(["mask", "picture", "request", "models", "quote", "busy"], show);
  show();
  return element("footer", { class: "send-area" }, reason, button);
}
