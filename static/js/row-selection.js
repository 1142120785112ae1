/** <row-selection>: selects single rows, a range with Shift, the whole page, or all matching tasks. */
import { find, findAll } from "./dom.js";
import { t, tn } from "./translations.js";

const EVENTS = ["click", "change", "reset", "keydown"];

class RowSelection extends HTMLElement {
  /** @type {HTMLInputElement | null} */
  lastClicked = null;
  // Rows that are added while all are selected become selected, too.
  observer = new MutationObserver(() => this.allBox?.checked && this.setAll(true));

  connectedCallback() {
    for (const kind of EVENTS) this.addEventListener(kind, this);
    this.observer.observe(find(this, ".rows"), { childList: true });
    this.updateCount();
  }

  disconnectedCallback() {
    for (const kind of EVENTS) this.removeEventListener(kind, this);
    this.observer.disconnect();
  }

  get boxes() {
    return /** @type {HTMLInputElement[]} */ (findAll(this, ".row-checkbox input:enabled"));
  }

  /** @returns {HTMLInputElement | null} */
  get allBox() {
    return this.querySelector("[name=all]");
  }

  /** @param {Event} event */
  handleEvent(event) {
    const { target } = event;
    if (event.type === "reset") queueMicrotask(() => this.updateCount());
    else if (event instanceof KeyboardEvent) this.handleKey(event);
    else if (!(target instanceof HTMLInputElement)) return;
    else if (event instanceof MouseEvent) this.handleClick(target, event.shiftKey);
    else if (target.type === "checkbox") this.handleChange(target);
  }

  /** @param {KeyboardEvent} event */
  handleKey(event) {
    if (event.key === "Escape" && !document.querySelector("details.menu[open]")) this.clear();
  }

  /**
   * @param {HTMLInputElement} box
   * @param {boolean} isRange
   */
  handleClick(box, isRange) {
    const boxes = this.boxes;
    const index = boxes.indexOf(box);
    if (index < 0) return;
    const last = this.lastClicked ? boxes.indexOf(this.lastClicked) : -1;
    if (isRange && last >= 0) {
      for (const other of boxes.slice(Math.min(last, index), Math.max(last, index) + 1)) other.checked = box.checked;
    }
    this.lastClicked = box;
  }

  /** @param {HTMLInputElement} box */
  handleChange(box) {
    const all = this.allBox;
    if (box === all || box.matches("[data-select-page]")) this.setAll(box.checked);
    if (all && box !== all && !box.checked) all.checked = false;
    this.updateCount();
  }

  /** @param {boolean} isChecked */
  setAll(isChecked) {
    for (const box of this.boxes) box.checked = isChecked;
    this.updateCount();
  }

  clear() {
    if (this.allBox) this.allBox.checked = false;
    this.setAll(false);
  }

  updateCount() {
    const boxes = this.boxes;
    const count = boxes.filter((box) => box.checked).length;
    /** @type {HTMLInputElement} */
    const page = find(this, "[data-select-page]");
    page.checked = count > 0 && count === boxes.length;
    page.indeterminate = count > 0 && count < boxes.length;
    find(this, "[data-selection-text]").textContent = this.textFor(count);
  }

  /** @param {number} count */
  textFor(count) {
    if (!count) return t("Select all on this page");
    if (this.allBox?.checked) return t("All matching tasks are selected");
    // Translators: how many tasks are selected.
    return tn("%(count)s selected", "%(count)s selected", count);
  }
}

customElements.define("row-selection", RowSelection);
