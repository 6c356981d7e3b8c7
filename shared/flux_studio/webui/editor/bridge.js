// The editor's bridge in the host's page: shows the page in a sandboxed frame and does for it what it cannot do itself.
// The frame gets picture bytes and the server's answers, never a cookie, a token or a word of the chat.

function openFluxStudioEditor(context, page) {
  const OVERLAY = "flux-studio-editor";
  const OPERATIONS = new Set(["open", "quote", "area", "select", "start", "poll", "cancel", "apply", "close"]);
  const FILE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  const PICTURES = /^image\/(png|jpeg|webp)$/;
  const SAVED = /^(image\/(png|jpeg|webp)|application\/json)$/;
  const LARGEST_FILE = 64 * 1024 * 1024;
  const KEPT_FOR = 7 * 24 * 3600 * 1000;
  const STARTS_WITHIN = 15000;
  const TAB_SETTLES = 300;
  const SIGNED_OUT = "You are signed out; sign in again in another tab, then try once more. Your work is kept.";
  const BROKEN = "The server could not be reached; your work is kept.";

  const NO_CLIPBOARD = "The browser does not let this page copy pictures (it needs https and a permission); download it instead.";

  const opened = document.getElementById(OVERLAY);
  if (opened) {
    opened.showAgain(context);
    return "focused";
  }

  const leaving = new AbortController();
  const overlay = document.createElement("div");
  overlay.id = OVERLAY;
  overlay.setAttribute("role", "dialog");
  overlay.setAttribute("aria-modal", "true");
  overlay.setAttribute("aria-label", context.title);
  overlay.style.cssText = "position:fixed;inset:0;z-index:2147483000;background:#18181b;color:#fafafa";
  const note = document.createElement("div");
  note.style.cssText = "position:absolute;inset:0;display:flex;flex-direction:column;gap:16px;align-items:center;"
    + "justify-content:center;padding:24px;text-align:center;font:16px system-ui,sans-serif";
  const sentence = document.createElement("p");
  sentence.textContent = context.opening;
  const leave = document.createElement("button");
  leave.type = "button";
  leave.textContent = context.leave;
  leave.style.cssText = "padding:8px 16px;border:1px solid currentColor;border-radius:8px;background:none;color:inherit";
  leave.addEventListener("click", close);
  note.append(sentence, leave);
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = context.title;
  frame.style.cssText = "position:absolute;inset:0;width:100%;height:100%;border:0;visibility:hidden";
  frame.srcdoc = page;
  overlay.append(note, frame);

  const slow = setTimeout(() => { sentence.textContent = context.refused; }, STARTS_WITHIN);
  const returnTo = document.activeElement;
  /** The window around the frame: this one, or a tab of its own. */
  let home = window;
  let send = (target, message, transfer) => target.postMessage(message, "*", transfer);

  function close() {
    clearTimeout(slow);
    leaving.abort();
    leaveHome();
    window.removeEventListener("pagehide", orphan);
    overlay.remove();
    if (home !== window) home.close();
    else if (returnTo instanceof HTMLElement) returnTo.focus();
  }

  function leaveHome() {
    home.removeEventListener("message", receive);
    window.removeEventListener("keydown", keep, true);
  }

  function moveTo(tab) {
    leaveHome();
    home = tab;
    send = fluxStudioPoster(tab);
    tab.addEventListener("message", receive);
    tab.addEventListener("pagehide", () => setTimeout(look, TAB_SETTLES));
    tab.addEventListener("focus", () => frame.focus());
    furnishFluxStudioTab(tab, frame, context.title);
    overlay.style.display = "none";
  }

  /** The tab was closed, reloaded, or went to another address. */
  function look() {
    const state = fluxStudioTabState(home, frame);
    if (state === "empty") return moveTo(home);
    if (state === "elsewhere") home = window;
    if (state !== "here") close();
  }

  /** The chat's page goes away; nobody speaks for the tab any more. */
  function orphan() {
    if (home !== window) emptyFluxStudioTab(home, context.orphaned);
  }

  /** The button was pressed again: come forward, with another picture if it was pressed below another one. */
  overlay.showAgain = (next) => {
    const place = ({ picture, body }) => [picture, body.chat_id, body.id].join();
    if (place(next) !== place(context) || next.mode) {
      context = next;
      frame.srcdoc = page;
    }
    home.focus();
    frame.focus();
  };

  /** Keys pressed beside the frame belong to it, not to the chat behind it; Escape closes nothing. */
  function keep(event) {
    if (event.target === leave) return;
    event.stopImmediatePropagation();
    if (event.key === "Escape") event.preventDefault();
    frame.focus();
  }

  function post(message, transfer) {
    if (frame.contentWindow) send(frame.contentWindow, { flux: 1, ...message }, transfer || []);
  }

  function begin() {
    clearTimeout(slow);
    note.remove();
    frame.style.visibility = "visible";
    frame.focus();
    const theme = document.documentElement.classList.contains("dark") ? "dark" : "light";
    const language = document.documentElement.lang || navigator.language || "en";
    post({ kind: "start", theme, language, picture: context.picture, mode: context.mode || "", tab: home !== window });
  }

  async function receive(event) {
    const message = event.data;
    if (event.source !== frame.contentWindow || !message || message.flux !== 1) return;
    if (message.kind === "ready") return begin();
    if (!Number.isSafeInteger(message.id)) return;
    const handler = Object.hasOwn(HANDLERS, message.kind) ? HANDLERS[message.kind] : null;
    try {
      if (!handler) throw new Refusal("The editor asked for something that does not exist.");
      const { value, transfer } = await handler(message);
      post({ id: message.id, ok: true, value }, transfer);
    } catch (error) {
      if (leaving.signal.aborted) return;
      post({ id: message.id, ok: false, error: error instanceof Refusal ? error.message : BROKEN });
    }
    if (message.kind === "close") close();
  }

  class Refusal extends Error {}

  async function fetched(path, options) {
    const answer = await fetch(path, { credentials: "same-origin", signal: leaving.signal, ...options });
    if (answer.status === 401) throw new Refusal(SIGNED_OUT);
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => null);
    throw new Refusal(typeof said?.detail === "string" ? said.detail : `The server answered ${answer.status}.`);
  }

  function bytesOf(message, types = PICTURES) {
    const { name, mime, data } = message;
    const isBuffer = Object.prototype.toString.call(data) === "[object ArrayBuffer]"; // a tab has a type of its own
    const good = isBuffer && data.byteLength > 0 && data.byteLength <= LARGEST_FILE;
    if (!good || typeof mime !== "string" || !types.test(mime)) {
      throw new Refusal("Only PNG, JPEG and WebP pictures of at most 64 MB are possible.");
    }
    const plain = String(name || "picture").replace(/[^\p{L}\p{N} ._-]/gu, "_").slice(-100);
    return new File([data], plain, { type: mime });
  }

  const HANDLERS = {
    async call({ event }) {
      if (!event || typeof event !== "object" || !OPERATIONS.has(event.op)) {
        throw new Refusal("The editor asked for something that does not exist.");
      }
      const body = { ...context.body, messages: [], event: { ...event, page: "editor" } };
      const headers = { "Content-Type": "application/json" };
      const answer = await fetched(context.action, { method: "POST", headers, body: JSON.stringify(body) });
      return { value: await answer.json() };
    },

    async picture({ file }) {
      if (typeof file !== "string" || !FILE.test(file)) throw new Refusal("This is no picture of this server.");
      const answer = await fetched(`/api/v1/files/${file}/content`, {});
      const mime = (answer.headers.get("Content-Type") || "").split(";")[0].trim();
      if (!mime.startsWith("image/")) throw new Refusal("This file is no picture.");
      const data = fluxStudioPixelsAlone(await answer.arrayBuffer(), mime);
      return { value: { mime, data }, transfer: [data] };
    },

    async upload(message) {
      const form = new FormData();
      form.append("file", bytesOf(message));
      const answer = await fetched("/api/v1/files/?process=false", { method: "POST", body: form });
      return { value: { file: (await answer.json()).id } };
    },

    async save(message) {
      const link = home.document.createElement("a");
      const file = bytesOf(message, SAVED);
      link.href = URL.createObjectURL(file);
      link.download = file.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      return { value: {} };
    },

    async copy(message) {
      const file = bytesOf(message);
      if (file.type !== "image/png" || !home.navigator.clipboard?.write || !home.ClipboardItem) throw new Refusal(NO_CLIPBOARD);
      try {
        await home.navigator.clipboard.write([new home.ClipboardItem({ "image/png": file })]);
      } catch {
        throw new Refusal(NO_CLIPBOARD);
      }
      return { value: {} };
    },

    async store({ key, value }) {
      await remember(String(key), value ?? null);
      return { value: {} };
    },

    async load({ key }) {
      return { value: await recall(String(key)) };
    },

    async tab() {
      const tab = home === window ? openFluxStudioTab() : null;
      if (!tab) throw new Refusal(context.blocked);
      moveTo(tab);
      return { value: {} };
    },

    async close() {
      return { value: {} };
    },
  };

  function database() {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open("flux-studio-editor", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("documents");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  }

  /** Runs one transaction; `work` gets the object store and may set what is returned. */
  async function transaction(work) {
    const db = await database();
    try {
      return await new Promise((resolve, reject) => {
        const running = db.transaction("documents", "readwrite");
        let value = null;
        work(running.objectStore("documents"), (result) => { value = result; });
        running.oncomplete = () => resolve(value);
        running.onabort = running.onerror = () => reject(running.error);
      });
    } finally {
      db.close();
    }
  }

  const place = (key) => `${context.user}/${key.slice(0, 300)}`;

  function remember(key, value) {
    return transaction((documents) => {
      if (value === null) documents.delete(place(key));
      else documents.put({ user: context.user, at: Date.now(), value }, place(key));
    });
  }

  function recall(key) {
    return transaction((documents, give) => {
      const asking = documents.get(place(key));
      asking.onsuccess = () => give(isFresh(asking.result) ? asking.result.value : null);
    });
  }

  const isFresh = (row) => row && row.user === context.user && Date.now() - row.at < KEPT_FOR;

  /** What is a week old, or somebody else's who used this browser, goes. */
  function tidy() {
    return transaction((documents) => {
      const walking = documents.openCursor();
      walking.onsuccess = () => {
        const cursor = walking.result;
        if (!cursor) return;
        if (!isFresh(cursor.value)) cursor.delete();
        cursor.continue();
      };
    });
  }

  window.addEventListener("message", receive);
  window.addEventListener("keydown", keep, true);
  window.addEventListener("pagehide", orphan);
  document.body.append(overlay);
  tidy().catch(() => undefined);
  return "opened";
}
