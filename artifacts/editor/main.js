// @ts-check
// Puts the page together and starts it.

import { Bridge } from "./bridge.js";
import { copyResult } from "./clipboard.js";
import { confirmPrice } from "./confirming.js";
import { notices, openHelp, openPictures } from "./dialogs.js";
import { Editor } from "./editor.js";
import { element } from "./elements.js";
import { Intake } from "./intake.js";
import { PenTool } from "./pen.js";
import { requestPanel } from "./panel.js";
import { PictureShelf } from "./picture.js";
import { PointerController } from "./pointer.js";
import { Projects } from "./projects.js";
import { resultArea } from "./results.js";
import { Session } from "./session.js";
import { Keyboard } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { SubjectTool } from "./subject.js";
import { t } from "./texts.js";
import { rail, toolSettings } from "./toolbar.js";
import { makeTools } from "./tools.js";
import { topBar } from "./topbar.js";
import { followWorkArea } from "./workarea.js";

/** Pictures kept decoded: the one being edited, the one before, and the variants of two requests. */
const SHELF_ROOM = 10;

const bridge = new Bridge(window, window.parent, t("notice.noAnswer"));
const editor = new Editor();
const shelf = new PictureShelf((file) => bridge.picture(file), SHELF_ROOM);
const session = new Session(editor, bridge, shelf, {
  uuid,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  confirm: confirmPrice,
});
const projects = new Projects(editor, session, bridge);
const intake = new Intake(editor, session, bridge, projects);
const stage = new Stage(editor, window);
const tools = { ...makeTools(editor), subject: new SubjectTool(editor, session, bridge), draw: new PenTool(editor, session) };
const pointer = new PointerController(stage.surface, editor, tools);
new Keyboard(editor, session, pointer, { help: openHelp, surface: stage.surface });

followWorkArea(editor, session, bridge);
layOut();
intake.listen();
start();

function layOut() {
  const choosePicture = () =>
    openPictures(session.pictures, bridge, {
      choose: (id) => intake.openPicture(id),
      load: () => intake.ask((file) => intake.openFile(file)),
      project: { save: () => projects.save(), open: () => intake.ask((file) => projects.open(file), ".json,application/json") },
    });
  const maskActions = {
    crop: () => intake.crop(),
    loadMask: () => intake.ask((file) => intake.loadMask(file)),
    chooseMask: () =>
      openPictures(session.pictures, bridge, {
        title: t("pictures.mask"),
        choose: (id) => intake.chooseMask(id),
        load: () => intake.ask((file) => intake.loadMask(file)),
      }),
    saveMask: (/** @type {1 | 4} */ channels) => intake.saveMask(channels),
  };
  const busy = element("div", { class: "busy", role: "status" });
  editor.on("busy", () => {
    busy.textContent = session.busy ? t(session.busy) : "";
    busy.hidden = !session.busy;
    stage.setBusy(session.busy !== "");
  });
  document.body.append(
    topBar(editor, { choosePicture, ownTab: () => session.moveToTab(), help: openHelp, close: () => session.close() }),
    rail(editor),
    toolSettings(editor, maskActions),
    element("main", { class: "stage" }, stage.surface, busy, notices(editor), element("div", { class: "drop-hint" }, t("drop.here"))),
    resultArea(editor, session, {
      download: (result) => intake.saveResult(result),
      copy: (result) => copyResult(session, bridge, result),
    }),
    requestPanel(editor, session),
  );
  for (const change of /** @type {const} */ (["tool", "mask", "looks", "request", "busy", "view"])) editor.tell(change);
}

async function start() {
  const { theme, language, picture, mode, tab } = await bridge.ready();
  document.documentElement.classList.toggle("in-tab", tab === true);
  document.documentElement.dataset.theme = theme === "dark" ? "dark" : "light";
  if (/^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/.test(language || "")) document.documentElement.dataset.language = language;
  try {
    await session.open(picture);
    if (mode) session.setMode(mode);
  } catch (error) {
    session.report(error);
  }
}

/** @returns {string} crypto.randomUUID exists only in secure pages; a host in a local network may have none */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
