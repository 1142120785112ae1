/**
 * <video-poster src="...">: the thumbnail of a finished video, drawn from its beginning.
 * It loads one video at a time per browser, only those in the viewport, and none if the browser is set to save data.
 */
/** @type {Set<VideoPoster>} */
const queue = new Set();
/** @type {Map<string, ImageBitmap>} */
const drawn = new Map(); // by src
let isBusy = false;
let failures = 0; // in a row: after two, no more videos are loaded until the next page load

const viewport = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) updateQueue(/** @type {VideoPoster} */ (target), isIntersecting);
    setTimeout(drawNext, 300); // so that scrolling past causes no requests
  },
  { rootMargin: "100px" },
);

/**
 * @param {VideoPoster} poster
 * @param {boolean} isVisible
 */
function updateQueue(poster, isVisible) {
  if (isVisible) queue.add(poster);
  else queue.delete(poster);
}

function savesData() {
  const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
  return Boolean(connection?.saveData);
}

async function drawNext() {
  if (isBusy || failures > 1 || document.hidden || savesData()) return;
  const [poster] = queue;
  if (!poster) return;
  queue.delete(poster);
  viewport.unobserve(poster);
  isBusy = true;
  const picture = await exclusively(() => captureFrame(poster.src)).catch(() => null);
  isBusy = false;
  failures = picture ? 0 : failures + 1;
  if (picture) poster.draw(picture);
  drawNext();
}

/**
 * Captures one at a time across all tabs: a browser has six connections to the server, and pages come first.
 *
 * @param {() => Promise<ImageBitmap>} capture
 */
const exclusively = (capture) => (navigator.locks ? navigator.locks.request("reelboard-poster", capture) : capture());

/**
 * Captures the frame at one second, or earlier in a short video. Rejects if the video can't be played or takes longer
 * than 15 s to load.
 *
 * @param {string} src
 * @returns {Promise<ImageBitmap>}
 */
async function captureFrame(src) {
  const video = Object.assign(document.createElement("video"), { muted: true, preload: "auto", playsInline: true });
  try {
    await seekToFrame(video, src);
    const height = Math.round((256 * video.videoHeight) / video.videoWidth);
    return await createImageBitmap(video, { resizeWidth: 256, resizeHeight: height });
  } finally {
    video.removeAttribute("src");
    video.load();
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} src
 */
function seekToFrame(video, src) {
  return new Promise((resolve, reject) => {
    video.onloadedmetadata = () => {
      video.currentTime = Math.min(1, video.duration / 3 || 0);
    };
    video.onseeked = resolve;
    video.onerror = reject;
    setTimeout(reject, 15_000);
    video.src = src;
  });
}

class VideoPoster extends HTMLElement {
  get src() {
    return this.getAttribute("src") ?? "";
  }

  connectedCallback() {
    const picture = drawn.get(this.src);
    if (picture) this.draw(picture);
    else viewport.observe(this);
  }

  disconnectedCallback() {
    viewport.unobserve(this);
    queue.delete(this);
  }

  /** @param {ImageBitmap} picture */
  draw(picture) {
    drawn.set(this.src, picture);
    const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
    this.replaceChildren(canvas);
  }
}

customElements.define("video-poster", VideoPoster);
