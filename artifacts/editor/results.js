// @ts-check
// Results: the strip of all that was made, and which of them lies over the picture.

import { innerPart } from "./comparison.js";
import { element, icon, replaceContent, setAttribute } from "./elements.js";
import { reachesOut } from "./frame.js";
import { boxOf } from "./geometry.js";
import { nameOf, resultBar } from "./resultbar.js";
import { t } from "./texts.js";

/** @import { Placed } from "./comparison.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Result, Session } from "./session.js" */

const THUMBNAIL = 144;

/**
 * @param {Editor} editor @param {Session} session
 * @param {{download: (result: Result) => void, copy: (result: Result) => void}} ways out of the page @returns {HTMLElement}
 */
export function resultArea(editor, session, ways) {
  const strip = element("div", { class: "strip", role: "group", "aria-label": t("results") });
  const root = element("section", { class: "results", hidden: true }, resultBar(editor, session, ways), strip);
  const paint = paintTile(session);
  /** @type {Map<string, ReturnType<typeof tile>>} a tile stays the same element, so that it keeps the keyboard */
  const tiles = new Map();
  const show = () => {
    root.hidden = session.results.length === 0;
    setAttribute(paint, "aria-pressed", String(!session.shown));
    const shown = session.results.map((result) => {
      const known = tiles.get(result.file) || tile(session, result);
      tiles.set(result.file, known);
      known.show(result);
      return known.node;
    });
    const nodes = [paint, ...shown];
    if (nodes.length !== strip.children.length || nodes.some((node, index) => strip.children[index] !== node)) replaceContent(strip, ...nodes);
  };
  editor.on(["results", "shown"], show);
  editor.on("shown", () => compare(editor, session));
  return root;
}

/** @param {Editor} editor @param {Session} session shows the chosen result over the picture it was made of, or over another result */
async function compare(editor, session) {
  const { shown, against } = session;
  if (!shown || !editor.document) return editor.compare(null);
  try {
    const [after, before] = await Promise.all([placed(editor, session, shown), against && placed(editor, session, against)]);
    if (session.shown !== shown || session.against !== against || !editor.document) return;
    const ground = { picture: after.picture, place: boxOf(editor.document.picture) };
    const inner = before ? null : await innerPart(ground, after);
    if (session.shown !== shown || session.against !== against || !editor.document) return;
    const { place } = after;
    // The line begins in the middle of what changed, so that the difference is seen at once.
    const { box } = editor.document.coverage();
    const share = box ? (box.x + box.width / 2 - place.x) / place.width : 0.5;
    const names = [nameOf(session, against), nameOf(session, shown)];
    editor.compare({
      ...{ before, after, inner, names: /** @type {[string, string]} */ (names), held: false },
      share: editor.comparison?.share ?? Math.min(1, Math.max(0, share)),
    });
  } catch (error) {
    session.report(error);
  }
}

/** @param {Editor} editor @param {Session} session @param {Result} result @returns {Promise<Placed>} */
async function placed(editor, session, result) {
  const picture = await session.shelf.get(result.file);
  const size = /** @type {any} */ (editor.document).picture;
  const isLarger = result.region && result.source === size.id && reachesOut(result.region, size);
  return { picture, place: isLarger ? /** @type {any} */ (result.region) : boxOf(size) };
}

/** @param {Session} session */
function paintTile(session) {
  return element(
    "button",
    { type: "button", class: "tile paint-tile", "aria-label": t("result.back"), onclick: () => session.show(null) },
    icon("brush"),
    element("span", {}, t("results.mask")),
  );
}

/** @param {Session} session @param {Result} about */
function tile(session, about) {
  let result = about;
  const choose = element("input", {
    type: "checkbox",
    class: "tile-choice",
    onchange: () => {
      result.chosen = choose.checked;
      session.editor.tell("results");
    },
  });
  const number = element("span", { class: "tile-number" });
  const applied = element("span", { class: "tile-applied", title: t("result.applied") }, icon("check"));
  const button = element("button", { type: "button", class: "tile", onclick: () => session.show(result) }, thumbnail(session, result), number, applied);
  /** @param {Result} now the same file, after a reload of the strip another row */
  const show = (now) => {
    result = now;
    const name = result.label ? t("result.by", result) : t("result.number", result);
    for (const attribute of ["title", "aria-label"]) setAttribute(button, attribute, name);
    setAttribute(button, "aria-pressed", String(session.shown === result));
    setAttribute(choose, "aria-label", t("result.choose", result));
    choose.checked = result.chosen;
    number.textContent = String(result.number);
    applied.hidden = !result.applied;
  };
  return { node: element("div", { class: "tile-frame" }, button, choose), show };
}

/** @param {Session} session @param {Result} result */
function thumbnail(session, result) {
  const holder = element("span", { class: "tile-picture" });
  session.shelf.get(result.file).then(
    (picture) => replaceContent(holder, picture.thumbnail(THUMBNAIL)),
    () => replaceContent(holder, icon("warning")),
  );
  return holder;
}
