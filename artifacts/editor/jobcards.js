// @ts-check
// What is being made: one card per job with its state, progress, preview and a way to stop it.

import { element, iconButton, replaceContent } from "./elements.js";
import { hasEnded, previewAddress } from "./jobs.js";
import { hasText, t } from "./texts.js";

/** @import { Editor } from "./editor.js" */
/** @import { Job } from "./jobs.js" */
/** @import { Session } from "./session.js" */

/** @param {Editor} editor @param {Session} session @returns {HTMLElement} */
export function jobCards(editor, session) {
  /** @type {Map<string, ReturnType<typeof jobCard>>} */
  const cards = new Map();
  const root = element("div", { class: "jobs", "aria-live": "polite" });
  const show = () => {
    const shown = session.jobs.all.filter((job) => job.state !== "done" && job.state !== "cancelled");
    for (const job of shown) {
      if (!cards.has(job.job)) cards.set(job.job, jobCard(job, session));
      cards.get(job.job)?.show();
    }
    replaceContent(root, ...shown.map((job) => cards.get(job.job)?.node));
  };
  editor.on("jobs", show);
  editor.on("results", show);
  return root;
}

/** @param {Job} job @param {Session} session */
function jobCard(job, session) {
  const picture = element("img", { class: "job-preview", alt: t("job.preview"), hidden: true });
  const state = element("span", { class: "job-state" });
  const bar = element("progress", { max: 100, "aria-label": t("job.progress") });
  const label = job.label || t("job.resumed");
  const stop = iconButton("close", t("job.cancel", { label }), () => {
    if (hasEnded(job)) session.jobs.dismiss(job);
    else session.jobs.cancel(job).catch((error) => session.report(error));
  });
  const text = element("div", { class: "job-text" }, element("strong", {}, label), state, bar);
  const node = element("article", { class: "job" }, picture, text, stop);
  const show = () => {
    const failed = job.state === "failed";
    node.classList.toggle("failed", failed);
    state.textContent = stateText(job);
    bar.hidden = failed;
    if (job.progress === null) bar.removeAttribute("value");
    else bar.value = job.progress <= 1 ? job.progress * 100 : job.progress;
    if (job.preview) {
      picture.src = previewAddress(job.preview);
      picture.hidden = false;
    }
    if (failed) for (const name of ["title", "aria-label"]) stop.setAttribute(name, t("job.dismiss"));
  };
  return { node, show };
}

/** @param {Job} job @returns {string} */
function stateText(job) {
  if (job.state === "failed") return job.error || t("job.failed");
  if (job.away) return `${job.error} ${t("job.away")}`;
  if (job.position !== null && job.state === "queued") return t("job.position", { position: job.position });
  const key = `job.${job.state}`;
  const progress = job.progress === null ? "" : ` · ${Math.round(job.progress <= 1 ? job.progress * 100 : job.progress)} %`;
  return t(hasText(key) ? key : "job.running") + progress;
}
