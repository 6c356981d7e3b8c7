// The host's side of the page for tests: contract 2 (postMessage) exactly, with a scripted server behind it.
"use strict";

window.record = { messages: [], calls: [], uploads: [], saves: [], copies: [], closed: 0, tabs: 0, loads: [] };
window.files = {};
window.kept = {};
window.script = { models: [], pictures: [], picture: "", jobs: [], polls: {}, answers: {}, fail: {}, theme: "light", language: "en" };

const ALLOWED = { call: ["event"], picture: ["file"], upload: ["name", "mime", "data"], save: ["name", "mime", "data"], copy: ["mime", "data"], store: ["key", "value"], load: ["key"], tab: [], close: [] };
let frame = null;
let uploaded = 0;

window.openPage = (html, picture) => {
  document.querySelector("iframe")?.remove();
  frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0";
  window.startPicture = picture;
  frame.srcdoc = html;
  document.body.append(frame);
};

function strange(message) {
  if (message.kind === "ready") return Object.keys(message).sort().join() !== "flux,kind";
  const expected = ALLOWED[message.kind];
  return !expected || Object.keys(message).sort().join() !== ["flux", "id", "kind", ...expected].sort().join();
}

window.addEventListener("message", async (event) => {
  if (!frame || event.source !== frame.contentWindow) return;
  const message = event.data;
  record.messages.push({ kind: message?.kind, flux: message?.flux, id: message?.id, origin: event.origin, strange: strange(message) });
  const answer = (rest, transfer = []) => frame.contentWindow.postMessage({ flux: 1, ...rest }, "*", transfer);
  if (message.kind === "ready") frame.focus();
  if (message.kind === "ready") return answer({ kind: "start", theme: script.theme, language: script.language, picture: startPicture, tab: script.inTab === true });
  try {
    const [value, transfer] = await HANDLERS[message.kind](message);
    answer({ id: message.id, ok: true, value }, transfer);
  } catch (error) {
    answer({ id: message.id, ok: false, error: error.message });
  }
});

const HANDLERS = {
  async call({ event }) {
    record.calls.push(structuredClone(event));
    if (script.fail[event.op]?.length) throw new Error(script.fail[event.op].shift());
    return [await SERVER[event.op](event)];
  },
  async picture({ file }) {
    record.loads.push(file);
    if (!files[file]) throw new Error("There is no such picture.");
    const data = Uint8Array.from(atob(files[file].data), (letter) => letter.charCodeAt(0)).buffer;
    return [{ mime: files[file].mime, data }, [data]];
  },
  async upload({ name, mime, data }) {
    const file = `uploaded-${++uploaded}`;
    files[file] = { mime, data: base64(data), ...(await sizeOf(mime, data)) };
    record.uploads.push({ name, mime, file });
    return [{ file }];
  },
  async save({ name, mime, data }) {
    record.saves.push({ name, mime, data: base64(data) });
    return [{}];
  },
  async copy({ mime, data }) {
    if (script.fail.copy?.length) throw new Error(script.fail.copy.shift());
    record.copies.push({ mime, data: base64(data) });
    return [{}];
  },
  async store({ key, value }) {
    if (value === null) delete kept[key];
    else kept[key] = structuredClone(value);
    return [{}];
  },
  async load({ key }) {
    return [structuredClone(kept[key] ?? null)];
  },
  async tab() {
    if (script.tabBlocked) throw new Error(script.tabBlocked);
    record.tabs += 1;
    return [{}];
  },
  async close() {
    record.closed += 1;
    return [{}];
  },
};

const SERVER = {
  open({ picture }) {
    const id = picture || script.picture;
    const { width, height, mime } = files[id];
    return { session: `session-${id}`, picture: { id, width, height, mime }, pictures: script.pictures, more: false, models: script.models, jobs: script.jobs, source: script.sources?.[id] || null };
  },
  quote({ model, count }) {
    const price = script.models.find((each) => each.id === model)?.price;
    return script.answers.quote || { credits: price === null || price === undefined ? null : price * (count || 1), currency: "credits", per_picture: price, basis: "by the list price" };
  },
  area({ box }) {
    return script.answers.area || { area: { x: box.x - 10, y: box.y - 10, width: box.width + 20, height: box.height + 20 }, sent: { width: 512, height: 512 } };
  },
  async select({ box }) {
    if (script.slow) await new Promise((resolve) => setTimeout(resolve, script.slow));
    if (script.answers.select) return { mask: script.answers.select.shift() };
    // An ellipse that fills the rectangle, as one-channel masks come from the server.
    const canvas = new OffscreenCanvas(box.width, box.height);
    const context = canvas.getContext("2d");
    context.fillRect(0, 0, box.width, box.height);
    context.fillStyle = "#fff";
    context.ellipse(box.width / 2, box.height / 2, box.width / 2, box.height / 2, 0, 0, 7);
    context.fill();
    return { mask: base64(await (await canvas.convertToBlob()).arrayBuffer()) };
  },
  start({ request }) {
    const refusal = script.answers.start;
    return refusal || { job: `job-${request}`, state: "queued" };
  },
  async poll({ job, after }) {
    // The next scripted state; without one the job waits as a server would, only not as long.
    const waiting = () => script.polls[job] || script.polls["*"] || [];
    const asking = frame; // a page that was reloaded no longer takes what is meant for its successor
    while (asking !== frame || !waiting().length) await new Promise((resolve) => setTimeout(resolve, 30));
    return { revision: (after || 0) + 1, ...waiting().shift() };
  },
  cancel({ job }) {
    script.polls[job] = [{ state: "cancelled" }];
    return { state: "cancelled" };
  },
  apply({ pictures }) {
    if (script.answers.apply?.length) return script.answers.apply.shift();
    return { message: `message-of-${pictures.join("-")}` };
  },
  close() {
    return {};
  },
};

function base64(data) {
  let text = "";
  for (const byte of new Uint8Array(data)) text += String.fromCharCode(byte);
  return btoa(text);
}

async function sizeOf(mime, data) {
  const { width, height } = await createImageBitmap(new Blob([data], { type: mime }));
  return { width, height };
}
