/** <copy-button text="..."> or <copy-button from="element id"> around a button: copies, and says so for two seconds. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    clearTimeout(this.timer);
  }

  async handleEvent() {
    this.tell((await copied(this.words)) ? "Copied" : "Copying failed");
  }

  get words() {
    const source = document.getElementById(this.getAttribute("from"));
    return source ? (source.value ?? source.textContent) : this.getAttribute("text");
  }

  tell(word) {
    const place = this.querySelector("span");
    if (!place) return document.querySelector("message-list")?.say(word);
    this.usual ??= place.textContent;
    place.textContent = word;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (place.textContent = this.usual), 2000);
  }
}

/** The clipboard's own interface is missing on plain http; the old command works there. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByCommand(text);
  }
}

function copiedByCommand(text) {
  const active = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  active?.focus();
  return done;
}

customElements.define("copy-button", CopyButton);
