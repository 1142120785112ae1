/** <message-list>: messages from the server or the page. Success and info disappear by themselves, the rest stays. */
import { closestTo } from "./dom.js";
import { onHtmx, processHtmx } from "./htmx.js";
import { t } from "./translations.js";

/** @type {Record<string, number>} */
const SECONDS = { success: 6, info: 8 };
const SECONDS_TO_UNDO = 15;
const LIMIT = 4;

class MessageList extends HTMLElement {
  /** @type {Set<number>} */
  timers = new Set();
  observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) this.scheduleDismissal(node);
  });

  connectedCallback() {
    this.addEventListener("click", this);
    for (const message of this.querySelectorAll(".message")) this.scheduleDismissal(message);
    // htmx inserts messages here, too.
    this.observer.observe(this, { childList: true });
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.observer.disconnect();
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (closestTo(event, "button")?.matches("[type=button]:not([hx-post])")) closestTo(event, ".message")?.remove();
  }

  /**
   * @param {string} text
   * @param {string} level
   * @param {string} [undo] URL to post to
   */
  show(text, level, undo) {
    const message = Object.assign(document.createElement("div"), { className: `message ${level}` });
    const paragraph = Object.assign(document.createElement("p"), { textContent: text });
    const button = document.createElement("button");
    message.append(paragraph, Object.assign(button, { className: "button ghost small", type: "button" }));
    button.textContent = t("Dismiss");
    if (undo) button.before(undoButton(undo));
    this.append(message);
    processHtmx(message);
    while (this.children.length > LIMIT) this.firstElementChild?.remove();
  }

  /** @param {Node} message */
  scheduleDismissal(message) {
    if (!(message instanceof Element)) return;
    const level = Object.keys(SECONDS).find((name) => message.classList.contains(name));
    if (!level) return;
    const dismiss = () => {
      if (message.matches(":hover, :focus-within")) this.timers.add(setTimeout(dismiss, 2000));
      else message.remove();
    };
    const seconds = message.querySelector("[hx-post]") ? SECONDS_TO_UNDO : SECONDS[level];
    this.timers.add(setTimeout(dismiss, seconds * 1000));
  }
}

customElements.define("message-list", MessageList);

/** @param {string} href */
function undoButton(href) {
  const button = Object.assign(document.createElement("button"), { className: "button small", type: "button" });
  button.setAttribute("hx-post", href);
  button.setAttribute("hx-swap", "none");
  button.textContent = t("Undo");
  return button;
}

onHtmx("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) detail.elt.closest("message-list .message")?.remove();
});

/**
 * Shows a message if the page has a message list.
 *
 * @param {string} text
 * @param {string} [level] level of Django's messages
 * @param {string} [undo] URL to post to
 */
export function showMessage(text, level = "info", undo = "") {
  const list = document.querySelector("message-list");
  if (list instanceof MessageList) list.show(text, level, undo);
}
