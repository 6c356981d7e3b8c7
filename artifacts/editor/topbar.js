// @ts-check
// The bar at the top: title and picture, undo and redo, zoom, help, close.

import { popUp } from "./controls.js";
import { element, icon, iconButton, textButton } from "./elements.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */

/** Screen pixels per picture pixel that can be chosen. */
const ZOOMS = [0.25, 0.5, 1, 2, 3, 4, 6, 8];

/**
 * @param {Editor} editor
 * @param {{choosePicture: () => void, ownTab: () => void, help: () => void, close: () => void}} actions @returns {HTMLElement}
 */
export function topBar(editor, { choosePicture, ownTab, help, close }) {
  const undo = iconButton("undo", t("top.undo"), () => editor.undo(), { "aria-keyshortcuts": "Control+Z" });
  const redo = iconButton("redo", t("top.redo"), () => editor.redo(), { "aria-keyshortcuts": "Control+Shift+Z" });
  const zoom = element("button", { type: "button", class: "zoom-value", title: t("top.zoom") });
  const size = element("span", { class: "picture-size" });
  const zoomGroup = element(
    "div",
    { class: "group zoom-group" },
    iconButton("minus", t("top.zoomOut"), () => editor.zoom(1 / 1.25)),
    popUp(zoom, zoomCard(editor)),
    iconButton("plus", t("top.zoomIn"), () => editor.zoom(1.25)),
    iconButton("fit", t("top.fit"), () => editor.fit()),
  );
  const pictureButton = element(
    "button",
    { type: "button", class: "picture-button", "aria-label": t("top.pictures"), title: t("top.pictures"), onclick: choosePicture },
    icon("picture"),
    size,
    icon("chevron"),
  );
  editor.on("view", () => {
    const text = `${Math.round(editor.view.scale * 100)} %`;
    zoom.textContent = text;
    zoom.setAttribute("aria-label", `${t("top.zoom")} (${text})`);
  });
  editor.on("mask", () => {
    undo.disabled = !editor.document?.done.length;
    redo.disabled = !editor.document?.undone.length;
  });
  editor.on("picture", () => {
    const { picture } = editor;
    size.textContent = picture ? t("top.size", { width: picture.width, height: picture.height }) : "";
  });
  return element(
    "header",
    { class: "top" },
    element("div", { class: "group" }, element("h1", {}, t("title")), pictureButton),
    element("div", { class: "group middle" }, undo, redo, element("span", { class: "divider" }), zoomGroup),
    element(
      "div",
      { class: "group" },
      iconButton("tab", t("top.tab"), ownTab, { class: "wide-only own-tab" }),
      iconButton("help", t("top.help"), help, { "aria-keyshortcuts": "?", class: "wide-only" }),
      iconButton("close", t("close"), close),
    ),
  );
}

/** @param {Editor} editor */
function zoomCard(editor) {
  const card = element("div", { class: "zoom-card" });
  const row = (/** @type {string} */ label, /** @type {() => void} */ press) =>
    textButton(label, () => {
      press();
      card.dispatchEvent(new Event("close-card", { bubbles: true }));
    }, "menu-row");
  card.append(...ZOOMS.map((scale) => row(scale === 1 ? t("top.actual") : `${scale * 100} %`, () => editor.lookAt(scale))));
  return card;
}
