/** <video-player> around a video: explains a failure in our words, and retries from the same second. */
import { find, findAll, parsePage } from "./dom.js";

class VideoPlayer extends HTMLElement {
  /** @returns {HTMLVideoElement} */
  get video() {
    return find(this, "video");
  }

  get alert() {
    return find(this, "[data-player-error]");
  }

  connectedCallback() {
    this.video.addEventListener("error", this);
    this.video.addEventListener("playing", this);
    find(this.alert, "button").addEventListener("click", this);
    // The video starts to load before this script runs, and may have failed by now.
    if (this.video.error) this.explain();
  }

  disconnectedCallback() {
    this.video.removeEventListener("error", this);
    this.video.removeEventListener("playing", this);
    find(this.alert, "button").removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "error") this.explain();
    else if (event.type === "playing") this.alert.hidden = true;
    else this.retry();
  }

  async explain() {
    this.alert.hidden = false;
    find(this.alert, "p").textContent = await fetchReason(this.video.currentSrc || this.video.src);
  }

  retry() {
    const { video } = this;
    const time = video.currentTime;
    const seek = () => {
      video.currentTime = time;
    };
    this.alert.hidden = true;
    video.load();
    if (time) video.addEventListener("loadedmetadata", seek, { once: true });
    video.play().catch(() => {});
  }
}

/**
 * The server's own explanation, if it has one: a video element does not show the response it got.
 *
 * @param {string} src
 */
async function fetchReason(src) {
  const fallback = "The video could not be loaded. The gateway may be busy, or may have let it go.";
  try {
    const response = await fetch(src, { headers: { Range: "bytes=0-1" } });
    const isPage = response.headers.get("Content-Type")?.startsWith("text/");
    if (response.ok || !isPage) return fallback;
    const paragraphs = findAll(parsePage(await response.text()), "[data-error-status] p:not(:has(a))");
    return paragraphs.map((paragraph) => paragraph.textContent?.trim()).join(" ") || fallback;
  } catch {
    return "The video could not be loaded: the server does not answer. Check your connection.";
  }
}

customElements.define("video-player", VideoPlayer);
