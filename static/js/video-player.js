/** <video-player> around a video: says in our words when it cannot be loaded, and tries again from the same second. */
class VideoPlayer extends HTMLElement {
  connectedCallback() {
    this.film = this.querySelector("video");
    this.trouble = this.querySelector("[data-player-error]");
    this.film.addEventListener("error", this);
    this.film.addEventListener("playing", this);
    this.trouble.querySelector("button").addEventListener("click", this);
    // It begins to load before this script does, and may have failed by now.
    if (this.film.error) this.explain();
  }

  disconnectedCallback() {
    this.film.removeEventListener("error", this);
    this.film.removeEventListener("playing", this);
    this.trouble.querySelector("button").removeEventListener("click", this);
  }

  handleEvent(event) {
    if (event.type === "error") this.explain();
    else if (event.type === "playing") this.trouble.hidden = true;
    else this.again();
  }

  async explain() {
    this.trouble.hidden = false;
    this.trouble.querySelector("p").textContent = await reason(this.film.currentSrc || this.film.src);
  }

  again() {
    const second = this.film.currentTime;
    this.trouble.hidden = true;
    this.film.load();
    if (second) this.film.addEventListener("loadedmetadata", () => (this.film.currentTime = second), { once: true });
    this.film.play().catch(() => {});
  }
}

/** The server's own words about this video, if it has any: a player shows none of the answer it got. */
async function reason(src) {
  const usual = "The video could not be loaded. The gateway may be busy, or may have let it go.";
  try {
    const answer = await fetch(src, { headers: { Range: "bytes=0-1" } });
    const isPage = answer.headers.get("Content-Type")?.startsWith("text/");
    if (answer.ok || !isPage) return usual;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const words = [...page.querySelectorAll("[data-error-status] p:not(:has(a))")].map((one) => one.textContent.trim());
    return words.join(" ") || usual;
  } catch {
    return "The video could not be loaded: the server does not answer. Check your connection.";
  }
}

customElements.define("video-player", VideoPlayer);
