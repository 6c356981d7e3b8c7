// The host's side of the editor's page for the benchmark: one picture, one model, and the time of every message.
"use strict";

const now = () => performance.timeOrigin + performance.now();
const times = { opened: 0, started: 0 };
const order = { mask: 0 };
let frame = null;
let bytes = null;
let facts = null;

const MODEL = {
  id: "model", label: "Model", summary: "", tasks: ["inpaint"], mask: "white_repaints", prompt: "optional", options: [],
  seed: true, maxCount: 1, price: 5, provider: "bfl", state: "current", successor: "",
};

const SERVER = {
  open: () => ({ session: "s", picture: { id: "p", mime: facts.mime, width: facts.width, height: facts.height }, pictures: [], more: false, models: [MODEL], jobs: [] }),
  quote: () => ({ credits: 5, currency: "credits", per_picture: 5, basis: "" }),
  start: ({ mask }) => {
    times.started = now();
    order.mask = mask.length;
    return { error: "Only measured." };
  },
};

/** Opens a page on the picture; both pages are given its bytes the way they would get them in the host. */
window.openPage = async (html, address, picture) => {
  facts = picture;
  bytes = await (await fetch(address)).arrayBuffer();
  frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0";
  frame.srcdoc = html;
  times.opened = now();
  document.body.append(frame);
};

window.times = times;
window.order = order;

function base64(buffer) {
  const view = new Uint8Array(buffer);
  let text = "";
  for (let at = 0; at < view.length; at += 0x8000) text += String.fromCharCode(...view.subarray(at, at + 0x8000));
  return btoa(text);
}

window.addEventListener("message", (event) => {
  const message = event.data;
  if (!frame || event.source !== frame.contentWindow || message?.flux !== 1) return;
  const answer = (rest, transfer = []) => frame.contentWindow.postMessage({ flux: 1, ...rest }, "*", transfer);
  const value = (result, transfer) => answer({ id: message.id, ok: true, value: result }, transfer);
  if (message.kind === "ready") return answer({ kind: "start", theme: "light", language: "en", picture: "p" });
  if (message.kind === "call") return value(SERVER[message.event.op]?.(message.event) ?? {});
  if (message.kind === "picture") {
    const data = bytes.slice(0);
    return value({ mime: facts.mime, data }, [data]);
  }
  if (message.kind === "naive-ready") return answer({ kind: "picture", json: JSON.stringify({ picture: `data:${facts.mime};base64,${base64(bytes)}` }) });
  if (message.kind === "naive-order") return SERVER.start(JSON.parse(message.json));
  value(null);
});
