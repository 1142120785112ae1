/**
 * <copy-button text="..."> or <copy-button from="element id"> around a button: copies the text, and confirms that
 * for two seconds. With `at-once` it copies as soon as it is connected, if the browser allows it.
 */
import { showMessage } from "./message-list.js";
import { t } from "./translations.js";

class CopyButton extends HTMLElement {
  timer = 0;
  /** @type {string | null | undefined} */
  label = undefined;

  connectedCallback() {
    this.addEventListener("click", this);
    if (this.hasAttribute("at-once")) this.copyAtOnce();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    clearTimeout(this.timer);
  }

  async handleEvent() {
    this.showResult((await copy(this.text)) ? t("Copied") : t("Couldn't copy"));
  }

  async copyAtOnce() {
    if (await copy(this.text)) this.showResult(t("Copied"));
  }

  get text() {
    const source = document.getElementById(this.getAttribute("from") ?? "");
    if (source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement) return source.value;
    return (source ? source.textContent : this.getAttribute("text")) ?? "";
  }

  /** @param {string} result */
  showResult(result) {
    const label = this.querySelector("span");
    if (!label) return showMessage(result);
    this.label ??= label.textContent;
    label.textContent = result;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      label.textContent = this.label ?? "";
    }, 2000);
  }
}

/**
 * Copies the text. The clipboard API is missing on plain HTTP; the old command works there.
 *
 * @param {string} text
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

/** @param {string} text */
function copyByCommand(text) {
  const active = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (active instanceof HTMLElement) active.focus();
  return isCopied;
}

customElements.define("copy-button", CopyButton);
