// @ts-check
// A result to the clipboard: as PNG, the one kind of picture every clipboard takes.

import { boxOf } from "./geometry.js";
import { t } from "./texts.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Result, Session } from "./session.js" */

/** @param {Session} session @param {Bridge} bridge @param {Result} result */
export async function copyResult(session, bridge, result) {
  try {
    const picture = await session.shelf.get(result.file);
    const { mime, data } = picture.file;
    const png = mime === "image/png" ? data : await picture.cropped(boxOf(picture));
    await bridge.copy("image/png", await png.arrayBuffer());
    session.editor.say({ kind: "done", text: t("notice.copied") });
  } catch (error) {
    session.report(error);
  }
}
