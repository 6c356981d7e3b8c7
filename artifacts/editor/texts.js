// @ts-check
// Every text of the page, in one table, so that another language is another table.

const TEXTS = {
  "title": "Edit area",
  "close": "Close",
  "cancel": "Cancel",
  "stage": "Picture. Paint what shall be changed.",
  "stage.help": "Arrow keys move the crosshair, Enter puts the tool down and lifts it. Press ? for all shortcuts.",

  "top.undo": "Undo",
  "top.redo": "Redo",
  "top.zoomIn": "Zoom in",
  "top.zoomOut": "Zoom out",
  "top.fit": "Fit to screen",
  "top.actual": "Actual size",
  "top.tab": "Open in a tab of its own",
  "top.help": "Shortcuts",
  "top.pictures": "Choose another picture",
  "top.size": "{width} × {height}",

  "tool.brush": "Brush",
  "tool.eraser": "Eraser",
  "tool.rectangle": "Rectangle",
  "tool.ellipse": "Ellipse",
  "tool.lasso": "Lasso",
  "tool.polygon": "Polygon",
  "tool.bucket": "Bucket",
  "tool.frame": "Crop and extend",
  "tool.hand": "Move the view",
  "tools": "Tools",
  "tools.settings": "Settings of the tool",

  "setting.size": "Size",
  "setting.hardness": "Hardness",
  "setting.opacity": "Opacity",
  "setting.tolerance": "Tolerance",
  "setting.mode": "What the tool does",
  "setting.add": "Add",
  "setting.subtract": "Subtract",
  "setting.polygon": "Click the corners; double-click or Enter closes the shape.",
  "setting.hand": "Drag to move the picture. Space does the same with every tool.",

  "mask.menu": "Mask",
  "mask.clear": "Clear",
  "mask.invert": "Invert",
  "mask.fill": "Select all",
  "mask.grow": "Grow",
  "mask.shrink": "Shrink",
  "mask.feather": "Feather",
  "mask.radius": "Pixels",
  "mask.load": "Load a mask from a file …",
  "mask.saveBlackWhite": "Save mask, black and white",
  "mask.saveTransparent": "Save mask, transparent",
  "mask.show": "Show the mask",
  "mask.solid": "Black and white view",
  "mask.colour": "Colour of the mask",
  "mask.strength": "Strength",
  "colour.rose": "Rose",
  "colour.violet": "Violet",
  "colour.green": "Green",
  "colour.amber": "Amber",

  "frame.left": "Left",
  "frame.top": "Top",
  "frame.right": "Right",
  "frame.bottom": "Bottom",
  "frame.sides": "Beyond each side, in px or %",
  "frame.ratio": "Ratio",
  "frame.free": "Free",
  "frame.extend": "Extend to ratio",
  "frame.crop": "Crop to frame",
  "frame.cropTo": "Cut to ratio",
  "frame.reset": "Reset",

  "coverage.none": "Nothing is marked yet",
  "coverage.some": "{percent} of the picture marked",
  "coverage.where": "{width} × {height} px at {x}, {y}",
  "coverage.full": "Everything is marked: nothing of the original will stay.",
  "coverage.outside": "The new area beyond the picture is always filled.",
  "coverage.workArea": "Only the framed part is shown to the model.",

  "panel": "Request",
  "prompt": "What should be there?",
  "prompt.example": "A red vintage bicycle leaning on the wall",
  "prompt.none": "This model needs no words. It removes what is marked.",
  "prompt.optional": "Optional",
  "model": "Model",
  "model.withdrawn": "{label} (withdrawn)",
  "model.deprecated": "{label} (going away)",
  "model.successor": "Use {successor} instead.",
  "model.nothing": "No model that edits is available to you.",
  "options": "Options",
  "options.reset": "Back to defaults",
  "options.random": "Random",
  "count": "Variants",
  "seed": "Seed",
  "seed.dice": "New seed",
  "protect": "Keep the rest untouched",
  "protect.help": "Every pixel outside the mask stays exactly as it is. Off: the model may harmonise everything.",
  "send": "Generate",
  "send.price": "about {price}",
  "sheet.more": "Show all settings",
  "sheet.less": "Show fewer settings",

  "reason.noPicture": "Choose a picture first.",
  "reason.noModel": "Choose a model first.",
  "reason.withdrawn": "This model has been withdrawn. Choose another one.",
  "reason.cropFirst": "The frame cuts off a part of the picture: crop first, then extend.",
  "reason.noExtend": "This model cannot extend a picture. Reset the frame or choose another model.",
  "reason.onlyExtends": "This model only extends: pull the frame beyond the picture.",
  "reason.emptyMask": "Mark what shall be changed first.",
  "reason.noPrompt": "Say what should be there.",
  "reason.seed": "The seed must be a whole number from 0 to 4,294,967,295.",
  "reason.maskTooLarge": "The mask is too detailed to send. Shrink the frame to what matters.",

  "busy.opening": "Opening …",
  "busy.loading": "Loading …",
  "busy.sending": "Sending …",
  "busy.applying": "Adding to the chat …",
  "busy.uploading": "Uploading …",

  "job.queued": "Waiting",
  "job.position": "Waiting, number {position} in the queue",
  "job.running": "Working",
  "job.submitting": "Sending",
  "job.submitted": "Working",
  "job.downloading": "Fetching the result",
  "job.failed": "Failed",
  "job.cancelled": "Cancelled",
  "job.away": "Trying again …",
  "job.cancel": "Cancel {label}",
  "job.dismiss": "Dismiss",
  "job.preview": "Preview",
  "job.progress": "Progress",
  "job.resumed": "Earlier request",

  "results": "Results",
  "results.mask": "Paint",
  "result.number": "Result {number}",
  "result.by": "Result {number} by {label}",
  "result.choose": "Choose result {number}",
  "result.applied": "In the chat",
  "result.protected": "0 of {pixels} protected pixels changed",
  "result.changed": "{changed} of {pixels} protected pixels changed",
  "result.unprotected": "The rest was not protected",
  "result.wipe": "Before and after",
  "result.hold": "Hold to see the picture before",
  "result.continue": "Keep painting",
  "result.apply": "Add to chat",
  "result.applyMany": "Add {count} to chat",
  "result.download": "Download",
  "result.seed": "Seed {seed}",
  "result.useSeed": "Use this seed again",
  "result.back": "Back to the mask",

  "pictures.title": "Choose a picture",
  "pictures.chat": "From this chat",
  "pictures.load": "Load from this device …",
  "pictures.drop": "You can also drop or paste a picture anywhere.",
  "pictures.empty": "This chat has no other pictures.",
  "pictures.one": "Picture {number}, {width} × {height}",
  "drop.here": "Drop a picture to edit it",

  "notice.waiting": "An answer is still being written. The pictures follow right after it.",
  "notice.applied": "Added to the chat.",
  "notice.noAnswer": "The server did not answer. Try again.",
  "notice.notPicture": "This file is no picture that the browser can read.",
  "notice.notRestored": "The earlier strokes could not be restored.",
  "notice.polarity.white": "White was taken as the area to change. Invert it if it should be black.",
  "notice.polarity.black": "Black was taken as the area to change. Invert it if it should be white.",
  "notice.polarity.alpha": "Transparent was taken as the area to change.",
  "notice.maskScaled": "The mask had another size and was scaled to the picture.",
  "notice.dismiss": "Dismiss",

  "help.title": "Shortcuts",
  "help.draw": "Draw",
  "help.view": "View",
  "help.edit": "Edit",
  "help.keys": "By keyboard alone",
  "key.size": "Brush smaller, larger",
  "key.hardness": "Brush softer, harder",
  "key.line": "Straight line from the last point; equal sides; 45° steps",
  "key.temporary": "Erase or subtract while held",
  "key.right": "right button",
  "key.wheel": "wheel",
  "key.middle": "middle button",
  "key.fingers": "two fingers",
  "key.pan": "Move the view",
  "key.zoom": "Zoom at the pointer",
  "key.compare": "Hold to see before",
  "key.hide": "Show or hide the mask",
  "key.send": "Generate",
  "key.move": "Move the crosshair, with Shift by one pixel",
  "key.press": "Put the tool down, lift it",
  "key.escape": "Give up the shape, go back, close a dialog",
  "key.help": "This list",
};

/** @typedef {keyof typeof TEXTS} TextKey */

/** @param {string} key of the table @param {Record<string, any>} [values] for the places in braces @returns {string} */
export function t(key, values = {}) {
  const text = /** @type {Record<string, string>} */ (TEXTS)[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/** @param {string} key @returns {boolean} */
export function hasText(key) {
  return key in TEXTS;
}

/** @param {number} number @returns {string} with separators: 4,812,331 */
export function inWords(number) {
  return number.toLocaleString("en");
}

/** @param {number} share 0 to 1 @returns {string} "12.4 %", never "0 %" for something and never "100 %" for less than all */
export function percent(share) {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value < 100 && value > 99.9) return "> 99.9 %";
  return `${value.toFixed(value < 10 ? 1 : 0)} %`;
}
