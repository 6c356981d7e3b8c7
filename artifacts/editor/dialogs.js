// @ts-check
// Dialogs drawn in the page: the list of shortcuts and the choice of a picture; and the notices.

import { element, icon, iconButton, replaceContent, textButton } from "./elements.js";
import { LoadedPicture } from "./picture.js";
import { SHORTCUTS } from "./shortcuts.js";
import { t } from "./texts.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Editor } from "./editor.js" */

const THUMBNAIL = 200;
const LOADED_AT_ONCE = 2;
const NOTICE_TIME = 6000;

/** @param {string} title @param {(HTMLElement | null)[]} content @returns {HTMLDialogElement} open; it is removed when it closes */
export function openDialog(title, content) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const dialog = element(
    "dialog",
    { class: "dialog", "aria-label": title },
    element("header", {}, element("h2", {}, title), iconButton("close", t("close"), () => dialog.close())),
    ...content,
  );
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function openHelp() {
  const sections = SHORTCUTS.map(({ title, rows }) =>
    element(
      "section",
      {},
      element("h3", {}, t(title)),
      element(
        "dl",
        {},
        ...rows.flatMap(({ keys, text }) => [
          element("dt", {}, ...keys.flatMap((key) => [element("kbd", {}, key.startsWith("key.") ? t(key) : key), " "])),
          element("dd", {}, t(text)),
        ]),
      ),
    ),
  );
  openDialog(t("help.title"), [element("div", { class: "help" }, ...sections)]);
}

/**
 * @param {{id: string, width: number, height: number}[]} pictures @param {Bridge} bridge
 * @param {{title?: string, choose: (id: string) => void, load: () => void, project?: {save: () => void, open: () => void}}} actions
 */
export function openPictures(pictures, bridge, { title = t("pictures.title"), choose, load, project }) {
  const tiles = pictures.map((picture, index) => {
    const holder = element("span", { class: "picture-holder" });
    const label = t("pictures.one", { number: index + 1, width: picture.width, height: picture.height });
    const button = element("button", { type: "button", class: "picture-tile", "aria-label": label, title: label, onclick: () => done(() => choose(picture.id)) }, holder);
    return { picture, holder, button };
  });
  const done = (/** @type {() => void} */ action) => {
    dialog.close();
    action();
  };
  const projectButtons = project
    ? [textButton(t("project.save"), () => done(project.save)), textButton(t("project.open"), () => done(project.open))]
    : [];
  const loadButton = textButton(icon("picture"), () => done(load), "primary", {}, t("pictures.load"));
  const grid = element("div", { class: "picture-grid" }, ...tiles.map(({ button }) => button));
  const none = pictures.length ? null : element("p", { class: "quiet" }, t("pictures.empty"));
  const dialog = openDialog(title, [
    element("div", { class: "dialog-body" }, element("h3", {}, t("pictures.chat")), none, grid),
    element("footer", {}, element("p", { class: "quiet" }, t("pictures.drop")), ...projectButtons, loadButton),
  ]);
  fillTiles(tiles, bridge, () => dialog.open);
}

/**
 * @param {{picture: {id: string}, holder: HTMLElement}[]} tiles @param {Bridge} bridge
 * @param {() => boolean} wanted
 */
function fillTiles(tiles, bridge, wanted) {
  const waiting = [...tiles];
  const next = async () => {
    for (let tile = waiting.shift(); tile && wanted(); tile = waiting.shift()) {
      const { picture, holder } = tile;
      const loaded = await bridge.picture(picture.id).then((bytes) => LoadedPicture.decode(picture.id, bytes)).catch(() => null);
      replaceContent(holder, loaded ? loaded.thumbnail(THUMBNAIL) : icon("warning"));
    }
  };
  for (let lane = 0; lane < LOADED_AT_ONCE; lane++) next();
}

/** @param {Editor} editor @returns {HTMLElement} where notices appear */
export function notices(editor) {
  const root = element("div", { class: "notices", role: "status", "aria-live": "polite" });
  let timer = 0;
  editor.on("notice", (notice) => {
    clearTimeout(timer);
    if (!notice) return replaceContent(root);
    const { action } = notice;
    replaceContent(
      root,
      element(
        "div",
        { class: `notice ${notice.kind}` },
        icon(notice.kind === "error" ? "warning" : "check"),
        element("span", {}, notice.text),
        action && textButton(action.label, action.press),
        iconButton("close", t("notice.dismiss"), () => editor.say(null)),
      ),
    );
    // An error stays until it has been read.
    if (notice.kind !== "error" && !action) timer = /** @type {any} */ (setTimeout(() => editor.say(null), NOTICE_TIME));
  });
  return root;
}
