/**
 * Restores the focus after a swap removed the focused element: to an invalid field or error, otherwise to new content,
 * otherwise to the part of the page that was swapped. By default browsers move it back to the top of the page.
 */
import { onHtmx } from "./htmx.js";

const WRONG = ".invalid :is(input, textarea, select), [role='alert'][tabindex]";

onHtmx("htmx:beforeSwap", ({ detail }) => {
  const target = detail.target;
  detail.requestConfig.focusIn = target.contains(document.activeElement) ? target.id : "";
  detail.requestConfig.isPaging = Boolean(detail.requestConfig.elt.closest(".pager"));
});

onHtmx("htmx:afterSettle", ({ detail }) => {
  const { focusIn, isPaging } = detail.requestConfig ?? {};
  const part = focusIn && document.getElementById(focusIn);
  if (!part) return;
  const place = part.querySelector(WRONG) ?? part.querySelector(isPaging ? ".row .title" : "[data-swap-focus]");
  const isLost = !document.activeElement || document.activeElement === document.body;
  if (!place && !isLost) return; // htmx has restored it, by the element's ID
  focusOn(place instanceof HTMLElement ? place : part);
});

/** @param {HTMLElement} element */
function focusOn(element) {
  if (!element.matches("a, button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
  element.focus();
  if (element instanceof HTMLInputElement && element.readOnly) element.select();
}
