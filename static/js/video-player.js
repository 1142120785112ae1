/**
 * <video-player> around a video: explains errors, and retries from the same position. If the video has `data-codec`, a
 * name, and the browser can't decode its `data-codec-type`, a media type for `canPlayType`, the video isn't loaded.
 */
import { find, findAll, parsePage } from "./dom.js";
import { t } from "./translations.js";
import { codecIn } from "./video-codec.js";

const LOOKED_AT = 65_536; // bytes at the start and at the end of a file, where its boxes are

class VideoPlayer extends HTMLElement {
  isRefused = false;

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
    const { codec, codecType } = this.video.dataset;
    if (codec && codecType && !this.video.canPlayType(codecType)) return this.refuse(codec);
    // The video starts to load before this script runs, and may have failed already.
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

  /**
   * Offers the download instead of a video that would fail.
   *
   * @param {string} codec
   */
  refuse(codec) {
    const { video } = this;
    this.isRefused = true;
    video.removeAttribute("src");
    video.load();
    video.controls = false;
    find(this.alert, "p").textContent = t("This browser can't play %(codec)s. Download the video to watch it.", {
      codec,
    });
    find(this.alert, "[data-player-download]").hidden = false;
    find(this.alert, "button").hidden = true;
    this.alert.hidden = false;
  }

  async explain() {
    if (this.isRefused) return;
    this.alert.hidden = false;
    const { video } = this;
    find(this.alert, "p").textContent = await fetchReason(video.currentSrc || video.src, video);
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
 * Fetches the server's explanation, if there is one: a video element doesn't show the response that it got.
 *
 * @param {string} src
 * @param {HTMLVideoElement} video
 */
async function fetchReason(src, video) {
  const fallback = t("The video couldn't be loaded. The gateway may be busy, or may have deleted it.");
  try {
    const response = await fetch(src, { headers: { Range: `bytes=0-${LOOKED_AT - 1}` } });
    const isPage = response.headers.get("Content-Type")?.startsWith("text/");
    if (response.status === 206) return (await formatProblem(response, src, video)) || fallback;
    if (response.ok || !isPage) return fallback;
    const paragraphs = findAll(parsePage(await response.text()), "[data-error-status] p:not(:has(a))");
    return paragraphs.map((paragraph) => paragraph.textContent?.trim()).join(" ") || fallback;
  } catch {
    return t("The video couldn't be loaded: the server isn't responding. Check your connection.");
  }
}

/**
 * Returns an explanation if the video can be loaded, but is in a format that this browser can't decode; otherwise "".
 *
 * @param {Response} beginning
 * @param {string} src
 * @param {HTMLVideoElement} video
 */
async function formatProblem(beginning, src, video) {
  const codec = codecIn(await bytesOf(beginning)) || codecIn(await bytesOf(await fetchEnd(src)));
  if (!codec || video.canPlayType(codec.type)) return "";
  return t("This browser can't play %(codec)s. Download the video to watch it.", { codec: codec.name });
}

/** @param {Response} response */
async function bytesOf(response) {
  return response.status === 206 ? new Uint8Array(await response.arrayBuffer()) : new Uint8Array();
}

/** @param {string} src */
function fetchEnd(src) {
  return fetch(src, { headers: { Range: `bytes=-${LOOKED_AT}` } });
}

customElements.define("video-player", VideoPlayer);
