// @ts-check
// Saving the work as a file and going on from one: on this picture, or on the one the file names.

import { CallFailed } from "./bridge.js";
import { MaskDocument } from "./document.js";
import { fittingWishes, LARGEST_PROJECT, printOf, readProject, writeProject } from "./project.js";
import { t } from "./texts.js";

/** @import { Bridge } from "./bridge.js" */
/** @import { Editor } from "./editor.js" */
/** @import { LoadedPicture } from "./picture.js" */
/** @import { Project } from "./project.js" */
/** @import { Session } from "./session.js" */

/** Milliseconds the steps of a file may take; a person's own take far less. */
const LONGEST = 20_000;

export class Projects {
  /** @param {Editor} editor @param {Session} session @param {Bridge} bridge */
  constructor(editor, session, bridge) {
    this.editor = editor;
    this.session = session;
    this.bridge = bridge;
  }

  async save() {
    const { document, picture } = this.editor;
    if (!document || !picture) return;
    const row = { ...document.picture, print: await filePrint(picture) };
    const text = writeProject({ picture: row, document: document.toStored(), wishes: this.session.wishes });
    const data = new TextEncoder().encode(text).buffer;
    await this.bridge.save("edit-area.json", "application/json", data).catch((error) => this.session.report(error));
  }

  /** @param {File} file */
  async open(file) {
    try {
      if (file.size > LARGEST_PROJECT) throw new RangeError("too large");
      const project = readProject(await file.text());
      if (!(await this.findPicture(project))) return this.editor.say({ kind: "error", text: t("notice.projectPicture") });
      this.show(project);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
      this.editor.say({ kind: "error", text: t("notice.notProject") });
    }
  }

  /** @param {Project} project @returns {Promise<boolean>} whether its picture, or the same one under another id, is shown */
  async findPicture({ picture }) {
    if (this.editor.document?.picture.id === picture.id || (await this.isShown(picture))) return true;
    await this.session.saveNow();
    try {
      await this.session.open(picture.id);
    } catch (error) {
      if (error instanceof CallFailed) return false;
      throw error;
    }
    return this.isShown(picture);
  }

  /** @param {Project["picture"]} wanted */
  async isShown({ width, height, print }) {
    const { picture } = this.editor;
    return !!picture && picture.width === width && picture.height === height && (await filePrint(picture)) === print;
  }

  /** @param {Project} project whose picture is shown @throws {RangeError | TypeError} damaged steps */
  show({ document: stored, wishes }) {
    const { picture, document: current } = this.editor;
    if (!picture || !current) return;
    const state = { picture: current.picture, frame: stored.base.state.frame };
    const document = MaskDocument.fromStored({ version: 1, base: { ...stored.base, state }, steps: [] }, picture.colours());
    const until = Date.now() + LONGEST;
    for (const step of stored.steps) {
      if (Date.now() > until) throw new RangeError("too much work");
      document.apply(step);
    }
    this.editor.show(document, picture);
    this.session.takeWishes(fittingWishes(this.session.wishes, wishes));
    this.session.save();
    this.session.quotes.ask();
    this.editor.say({ kind: "done", text: t("notice.projectOpened") });
  }
}

/** @param {LoadedPicture} picture @returns {Promise<string>} */
async function filePrint(picture) {
  return printOf(new Uint8Array(await picture.file.data.arrayBuffer()));
}
