/** Buttons that fill in the size and the duration of a new video. A pressed one empties its fields again. */
import { closestTo, findAll } from "./dom.js";
import { onHtmx } from "./htmx.js";
import { nameOf, sizeOf } from "./sizes.js";

const DEFAULT_RATIO = "16:9";
const DEFAULT_RESOLUTION = 720;

const theForm = () => /** @type {HTMLFormElement | null} */ (document.getElementById("create-form"));

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function fieldOf(form, name) {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement ? field : null;
}

/** @param {HTMLFormElement} form */
function currentName(form) {
  const [width, height] = ["width", "height"].map((name) => Number(fieldOf(form, name)?.value));
  const ratios = findAll(form, "[data-ratio]").map((button) => button.dataset.ratio ?? "");
  return nameOf({ width, height }, ratios);
}

/**
 * What a button stands for at the moment.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement} button
 * @returns {Record<string, number>}
 */
function valuesOf(form, button) {
  if (button.dataset.fields) return JSON.parse(button.dataset.fields);
  const { ratio = DEFAULT_RATIO, resolution = DEFAULT_RESOLUTION } = currentName(form);
  const size = sizeOf(button.dataset.ratio ?? ratio, Number(button.dataset.resolution ?? resolution));
  return { width: size.width, height: size.height };
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} button
 */
function isPressed(form, button) {
  const { ratio, resolution } = currentName(form);
  if (button.dataset.ratio) return button.dataset.ratio === ratio;
  if (button.dataset.resolution) return Number(button.dataset.resolution) === resolution;
  return Object.entries(valuesOf(form, button)).every(([name, value]) => Number(fieldOf(form, name)?.value) === value);
}

function refresh() {
  const form = theForm();
  if (!form) return;
  for (const group of findAll(form, "[data-presets]")) group.hidden = false;
  for (const button of findAll(form, "button[aria-pressed]"))
    button.setAttribute("aria-pressed", String(isPressed(form, button)));
}

document.addEventListener("click", (event) => {
  const form = theForm();
  const button = closestTo(event, "#create-form button[aria-pressed]");
  if (!form || !button) return;
  const values = valuesOf(form, button);
  const clears = isPressed(form, button);
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(form, name);
    if (field) field.value = clears ? "" : String(value);
  }
  button.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", refresh);
onHtmx("htmx:afterSettle", refresh);
refresh();
