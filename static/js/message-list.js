/** <message-list>: what the server or the page has to say; good news leaves by itself, bad news waits to be read. */
const SECONDS = { success: 6, info: 8 };

class MessageList extends HTMLElement {
  connectedCallback() {
    this.timers = new Set();
    this.addEventListener("click", this);
    for (const message of this.querySelectorAll(".message")) this.letGo(message);
    // htmx brings messages of a fragment in here.
    this.watcher = new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) this.letGo(node);
    });
    this.watcher.observe(this, { childList: true });
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.watcher.disconnect();
    for (const timer of this.timers) clearTimeout(timer);
  }

  handleEvent(event) {
    if (event.target.closest("button")) event.target.closest(".message")?.remove();
  }

  say(text, level = "info") {
    const message = document.createElement("div");
    message.className = `message ${level}`;
    const words = document.createElement("p");
    words.textContent = text;
    const button = document.createElement("button");
    button.className = "button ghost small";
    button.type = "button";
    button.textContent = "Dismiss";
    message.append(words, button);
    this.append(message);
    while (this.children.length > 4) this.firstElementChild.remove();
  }

  letGo(message) {
    const kind = Object.keys(SECONDS).find((level) => message.classList?.contains(level));
    if (!kind) return;
    const leave = () => {
      if (message.matches(":hover, :focus-within")) this.timers.add(setTimeout(leave, 2000));
      else message.remove();
    };
    this.timers.add(setTimeout(leave, SECONDS[kind] * 1000));
  }
}

customElements.define("message-list", MessageList);
