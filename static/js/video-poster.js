/**
 * <video-poster src="...">: the picture of a film that is done, drawn from its own first seconds.
 * One film at a time over the whole page, only what is in sight, and nothing where data is to be saved.
 */
const waiting = new Set();
const drawn = new Map(); // src -> ImageBitmap
let busy = false;
let failures = 0; // in a row: then the gateway is left in peace until the next page

const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? waiting.add(target) : waiting.delete(target);
    setTimeout(next, 300); // who scrolls past asks for nothing
  },
  { rootMargin: "100px" },
);

async function next() {
  if (busy || failures > 1 || document.hidden || navigator.connection?.saveData) return;
  const [poster] = waiting;
  if (!poster) return;
  waiting.delete(poster);
  sight.unobserve(poster);
  busy = true;
  const picture = await oneAtATime(() => frameOf(poster.getAttribute("src"))).catch(() => null);
  busy = false;
  failures = picture ? 0 : failures + 1;
  if (picture) poster.draw(picture);
  next();
}

/** Over all tabs: a browser has six connections to us, and pages come first. */
const oneAtATime = (make) => (navigator.locks ? navigator.locks.request("reelboard-poster", make) : make());

/** The film's frame one second in, or earlier in a short one. Rejects for what can't be played, or takes 15 s. */
function frameOf(src) {
  const film = Object.assign(document.createElement("video"), { muted: true, preload: "auto", playsInline: true });
  return new Promise((done, failed) => {
    film.onloadedmetadata = () => (film.currentTime = Math.min(1, film.duration / 3 || 0));
    film.onseeked = () => createImageBitmap(film, { resizeWidth: 256, resizeHeight: Math.round((256 * film.videoHeight) / film.videoWidth) }).then(done, failed);
    film.onerror = failed;
    setTimeout(failed, 15_000);
    film.src = src;
  }).finally(() => {
    film.removeAttribute("src");
    film.load();
  });
}

class VideoPoster extends HTMLElement {
  connectedCallback() {
    const known = drawn.get(this.getAttribute("src"));
    known ? this.draw(known) : sight.observe(this);
  }

  disconnectedCallback() {
    sight.unobserve(this);
    waiting.delete(this);
  }

  draw(picture) {
    drawn.set(this.getAttribute("src"), picture);
    const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
    canvas.getContext("2d").drawImage(picture, 0, 0);
    this.replaceChildren(canvas);
  }
}

customElements.define("video-poster", VideoPoster);
