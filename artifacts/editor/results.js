// @ts-check
// Results: the strip of variants, before and after, the proof of what stayed, and what to do with them.

import { element, icon, iconButton, replaceContent, setAttribute, textButton } from "./elements.js";
import { reachesOut } from "./frame.js";
import { boxOf } from "./geometry.js";
import { inWords, t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { Result, Session } from "./session.js" */

const THUMBNAIL = 144;

/** @param {Editor} editor @param {Session} session @param {(result: Result) => void} download @returns {HTMLElement} */
export function resultArea(editor, session, download) {
  const strip = element("div", { class: "strip", role: "group", "aria-label": t("results") });
  const bar = element("div", { class: "result-bar" });
  const root = element("section", { class: "results", hidden: true }, bar, strip);
  /** @type {Map<string, HTMLElement>} */
  const thumbnails = new Map();
  const show = () => {
    root.hidden = session.results.length === 0;
    replaceContent(strip, paintTile(session), ...session.results.map((result) => tile(session, result, thumbnails)));
    replaceContent(bar, session.shown && actions(editor, session, session.shown, download));
    bar.hidden = !session.shown;
  };
  editor.on(["results", "shown", "busy"], show);
  editor.on("shown", () => compare(editor, session));
  return root;
}

/** @param {Editor} editor @param {Session} session shows the chosen result over the picture it was made of */
async function compare(editor, session) {
  const { shown } = session;
  if (!shown || !editor.document) return editor.compare(null);
  try {
    const picture = await session.shelf.get(shown.file);
    if (session.shown !== shown || !editor.document) return;
    const size = editor.document.picture;
    const place = shown.region && shown.source === size.id && reachesOut(shown.region, size) ? shown.region : boxOf(size);
    // The line begins in the middle of what changed, so that the difference is seen at once.
    const { box } = editor.document.coverage();
    const share = box ? (box.x + box.width / 2 - place.x) / place.width : 0.5;
    editor.compare({ picture, place, share: editor.comparison?.share ?? Math.min(1, Math.max(0, share)), held: false });
  } catch (error) {
    session.report(error);
  }
}

/** @param {Session} session */
function paintTile(session) {
  return element(
    "button",
    { type: "button", class: "tile paint-tile", "aria-pressed": String(!session.shown), "aria-label": t("result.back"), onclick: () => session.show(null) },
    icon("brush"),
    element("span", {}, t("results.mask")),
  );
}

/** @param {Session} session @param {Result} result @param {Map<string, HTMLElement>} thumbnails */
function tile(session, result, thumbnails) {
  const name = result.label ? t("result.by", result) : t("result.number", result);
  const choose = element("input", {
    type: "checkbox",
    class: "tile-choice",
    "aria-label": t("result.choose", result),
    onchange: () => {
      result.chosen = choose.checked;
      session.editor.tell("results");
    },
  });
  choose.checked = result.chosen;
  const button = element(
    "button",
    { type: "button", class: "tile", title: name, "aria-label": name, "aria-pressed": String(session.shown === result), onclick: () => session.show(result) },
    thumbnail(session, result, thumbnails),
    element("span", { class: "tile-number" }, result.number),
    result.applied && element("span", { class: "tile-applied", title: t("result.applied") }, icon("check")),
  );
  return element("div", { class: "tile-frame" }, button, choose);
}

/** @param {Session} session @param {Result} result @param {Map<string, HTMLElement>} thumbnails */
function thumbnail(session, result, thumbnails) {
  const known = thumbnails.get(result.file);
  if (known) return known;
  const holder = element("span", { class: "tile-picture" });
  thumbnails.set(result.file, holder);
  session.shelf.get(result.file).then(
    (picture) => replaceContent(holder, picture.thumbnail(THUMBNAIL)),
    () => thumbnails.delete(result.file),
  );
  return holder;
}

/** @param {Editor} editor @param {Session} session @param {Result} result @param {(result: Result) => void} download */
function actions(editor, session, result, download) {
  const chosen = session.results.filter((each) => each.chosen);
  const applied = chosen.length ? chosen : [result];
  const applyLabel = applied.length > 1 ? t("result.applyMany", { count: applied.length }) : t("result.apply");
  const busy = session.busy !== "";
  const press = (/** @type {string} */ label, /** @type {() => void} */ action, kind = "") =>
    textButton(label, action, kind, { disabled: busy });
  const seed = typeof result.seed === "number" ? result.seed : null;
  return element(
    "div",
    { class: "result-actions" },
    element(
      "div",
      { class: "result-about" },
      element("strong", {}, result.label || t("result.number", result)),
      proof(result),
      seed !== null &&
        textButton(t("result.seed", { seed }), () => session.wish({ seed: String(seed) }), "link", { title: t("result.useSeed") }),
    ),
    element(
      "div",
      { class: "button-row" },
      wipe(editor),
      holdButton(editor),
      iconButton("download", t("result.download"), () => download(result)),
      press(t("result.continue"), () => session.continueWith(result)),
      press(applyLabel, () => session.apply(applied), "primary"),
    ),
  );
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
  input.value = String(Math.round((editor.comparison?.share ?? 0.5) * 100));
  return input;
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
