// A tab of the editor's own: the frame moves into an empty window that the host's page opens and goes on speaking for.

/** @returns {Window | null} null where the browser lets no tab be opened */
function openFluxStudioTab() {
  const tab = window.open("about:blank", "_blank");
  return tab && !tab.closed ? tab : null;
}

/** Puts the frame into the tab, where its page loads anew. */
function furnishFluxStudioTab(tab, frame, title) {
  const page = tab.document;
  const viewport = page.createElement("meta");
  viewport.name = "viewport";
  viewport.content = "width=device-width, initial-scale=1";
  page.title = title;
  page.head.append(viewport);
  page.body.style.cssText = "margin:0;background:#18181b;color:#fafafa";
  page.body.replaceChildren(frame);
}

/** Says one sentence in the tab, in place of everything else. */
function emptyFluxStudioTab(tab, text) {
  const sentence = tab.document.createElement("p");
  sentence.textContent = text;
  sentence.style.cssText = "padding:24px;font:16px system-ui,sans-serif";
  tab.document.body.replaceChildren(sentence);
}

/** What posts to the frame in the name of the tab: the page listens to the window around it alone. */
function fluxStudioPoster(tab) {
  return new tab.Function("target", "message", "transfer", "target.postMessage(message, '*', transfer)");
}

/** @returns {"closed" | "here" | "empty" | "elsewhere"} what became of the tab after its page went away */
function fluxStudioTabState(tab, frame) {
  try {
    if (tab.closed) return "closed";
    if (tab.location.href !== "about:blank") return "elsewhere";
    return frame.ownerDocument === tab.document ? "here" : "empty";
  } catch {
    return "elsewhere"; // another site's page is in it
  }
}
