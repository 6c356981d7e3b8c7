// @ts-check
// The bar at the top: title and picture, undo and redo, zoom, help, close.

import { element, icon, iconButton } from "./elements.js";
import { t } from "./texts.js";

/** @import { Editor } from "./editor.js" */

/**
 * @param {Editor} editor
 * @param {{choosePicture: () => void, ownTab: () => void, help: () => void, close: () => void}} actions @returns {HTMLElement}
 */
export function topBar(editor, { choosePicture, ownTab, help, close }) {
  const undo = iconButton("undo", t("top.undo"), () => editor.undo(), { "aria-keyshortcuts": "Control+Z" });
  const redo = iconButton("redo", t("top.redo"), () => editor.redo(), { "aria-keyshortcuts": "Control+Shift+Z" });
  const zoom = element("button", { type: "button", class: "zoom-value", title: t("top.actual"), onclick: () => editor.lookAt(1) });
  const size = element("span", { class: "picture-size" });
  const zoomGroup = element(
    "div",
    { class: "group zoom-group" },
    iconButton("minus", t("top.zoomOut"), () => editor.zoom(1 / 1.25)),
    zoom,
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
    zoom.setAttribute("aria-label", `${t("top.actual")} (${text})`);
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
