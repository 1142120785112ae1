/** <row-selection>: which rows are ticked: one, a range with shift, the page, all that match. */
class RowSelection extends HTMLElement {
  connectedCallback() {
    for (const kind of ["click", "change", "reset", "keydown"]) this.addEventListener(kind, this);
    // Rows that come in while all are meant are ticked too.
    this.watcher = new MutationObserver(() => this.all?.checked && this.tick(true));
    this.watcher.observe(this.querySelector(".rows"), { childList: true });
    this.count();
  }

  disconnectedCallback() {
    for (const kind of ["click", "change", "reset", "keydown"]) this.removeEventListener(kind, this);
    this.watcher.disconnect();
  }

  get boxes() {
    return [...this.querySelectorAll(".row-checkbox input:enabled")];
  }

  get all() {
    return this.querySelector("[name=all]");
  }

  handleEvent(event) {
    if (event.type === "click") this.range(event);
    else if (event.type === "change") this.change(event.target);
    else if (event.type === "reset") queueMicrotask(() => this.count());
    else if (event.key === "Escape" && !document.querySelector("details.menu[open]")) this.clear();
  }

  range(event) {
    const boxes = this.boxes;
    const here = boxes.indexOf(event.target);
    if (here < 0) return;
    const last = boxes.indexOf(this.last);
    if (event.shiftKey && last >= 0) {
      for (const box of boxes.slice(Math.min(last, here), Math.max(last, here) + 1)) box.checked = event.target.checked;
    }
    this.last = event.target;
  }

  change(box) {
    if (box === this.all || box.matches("[data-select-page]")) this.tick(box.checked);
    if (box !== this.all && this.all && !box.checked) this.all.checked = false;
    this.count();
  }

  tick(checked) {
    for (const box of this.boxes) box.checked = checked;
    this.count();
  }

  clear() {
    if (this.all) this.all.checked = false;
    this.tick(false);
  }

  count() {
    const boxes = this.boxes;
    const number = boxes.filter((box) => box.checked).length;
    const page = this.querySelector("[data-select-page]");
    page.checked = number > 0 && number === boxes.length;
    page.indeterminate = number > 0 && number < boxes.length;
    const words = this.all?.checked ? "All that match are selected" : `${number} selected`;
    this.querySelector("[data-selection-text]").textContent = number ? words : "Select the page";
  }
}

customElements.define("row-selection", RowSelection);
