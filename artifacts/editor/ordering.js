// @ts-check
// One press, several orders: each is named before it is sent, so that after a lost answer or a reload none is placed twice.

/** @typedef {{request: string, about: string, arrived: boolean}} Order `about` = fingerprint of what is sent */

/**
 * @param {string[]} contents what would be sent now, one text per order @param {Order[]} kept of the last press, while some may not have arrived
 * @param {() => string} uuid @returns {Order[]} in the order of `contents`: the same id where the same may not have arrived, arrived ones are not sent again
 */
export function planned(contents, kept, uuid) {
  const isOpen = kept.some((order) => !order.arrived);
  const orders = contents.map((content) => {
    const about = fingerprint(content);
    return (isOpen && kept.find((order) => order.about === about)) || { request: uuid(), about, arrived: false };
  });
  const isNew = orders.every((order) => order.arrived);
  return isNew ? orders.map(({ about }) => ({ request: uuid(), about, arrived: false })) : orders.map((order) => ({ ...order }));
}

/** @param {unknown} stored @param {{job: string}[]} jobs that the server knows @returns {Order[]} of the last press, as far as it may not have arrived */
export function readOrders(stored, jobs) {
  const known = new Set(jobs.map((row) => row.job));
  const rows = Array.isArray(stored) ? stored : [];
  const orders = rows
    .filter((row) => typeof row?.request === "string" && typeof row?.about === "string")
    .map(({ request, about, arrived }) => ({ request, about, arrived: arrived === true || known.has(request) }));
  return orders.every((order) => order.arrived) ? [] : orders;
}

/** @param {string} text @returns {string} */
function fingerprint(text) {
  let mark = 0;
  for (let at = 0; at < text.length; at++) mark = (Math.imul(mark, 31) + text.charCodeAt(at)) | 0;
  return `${text.length}:${mark}`;
}
