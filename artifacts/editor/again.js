// @ts-check
// The way from an applied result back to its edit: the picture before with mask and words, and other settings to try.

import { t } from "./texts.js";

/** @import { Result, Session } from "./session.js" */

/** @param {string} file */
const keyOf = (file) => `made:${file}`;

/** @param {Session} session @param {Result[]} results that go into the chat: where each came from is kept on this device */
export async function rememberOrigin(session, results) {
  for (const { file, wishes } of results) {
    // Without it only the way back is missing, and the picture is in the chat already.
    await session.bridge.store(keyOf(file), { picture: session.origin, wishes }).catch(() => undefined);
  }
}

/** @param {Session} session @param {string | null | undefined} source the picture before, as the server knows it */
export async function offerAgain(session, source) {
  const { editor, origin } = session;
  const made = await session.bridge.load(keyOf(origin)).catch(() => null);
  const picture = made?.picture || source;
  if (!picture || picture === origin || session.origin !== origin || editor.notice) return;
  const known = made?.picture === picture;
  const press = () => goBack(session, picture, known ? made.wishes : null);
  const action = { label: t(known ? "again.repeat" : "again.open"), press };
  const offer = /** @type {const} */ ({ kind: "info", text: t(known ? "again.known" : "again.before"), action });
  editor.say(offer);
  // Who begins to paint has decided.
  editor.on("mask", (step) => step && editor.notice === offer && editor.say(null));
}

/** @param {Session} session @param {string} picture @param {any} wishes of that edit, null when they are not known here */
async function goBack(session, picture, wishes) {
  session.editor.say(null);
  try {
    await session.saveNow();
    await session.open(picture);
  } catch (error) {
    return session.report(error);
  }
  if (wishes) session.takeWishes(wishes);
  session.quotes.ask();
}
