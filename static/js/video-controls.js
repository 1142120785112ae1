/**
 * <video-controls> around a video: buttons with `data-act`, and a key for each. The keys also work in the dialog around
 * it. It announces what can't be heard: the speed and the loop.
 */
import { closestTo, find, findAll } from "./dom.js";
import { formatMoment, momentHref } from "./moment.js";
import { t } from "./translations.js";

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const FRAME_RATE = 25; // frames per second, if the task doesn't say
const TYPING = "input, textarea, select, [contenteditable]";
/** @type {Record<string, string>} */
const KEYS = {
  " ": "play",
  k: "play",
  j: "back",
  l: "forward",
  ArrowLeft: "second-back",
  ArrowRight: "second-forward",
  ",": "frame-back",
  ".": "frame-forward",
  "<": "slower",
  "-": "slower",
  ">": "faster",
  "+": "faster",
  "=": "faster",
  i: "loop-start",
  o: "loop-end",
  "\\": "loop-clear",
  m: "mute",
  f: "fullscreen",
  ArrowUp: "previous",
  p: "previous",
  ArrowDown: "next",
  n: "next",
  s: "share",
  d: "download",
  "?": "keys",
};

/**
 * Returns the next speed in that direction.
 *
 * @param {number} speed
 * @param {number} step 1: faster, -1: slower
 */
export function nextSpeed(speed, step) {
  const found = step > 0 ? SPEEDS.find((one) => one > speed) : SPEEDS.findLast((one) => one < speed);
  return found ?? speed;
}

/** @typedef {{ start: number | null, end: number | null }} Loop in seconds */

/**
 * Returns the loop with another start or end. What would be the wrong way around is dropped.
 *
 * @param {Loop} loop
 * @param {"start" | "end"} which
 * @param {number} seconds
 * @returns {Loop}
 */
export function changedLoop(loop, which, seconds) {
  const start = which === "start" ? seconds : loop.start;
  const end = which === "end" ? seconds : loop.end;
  if (start === null || end === null || start < end) return { start, end };
  return which === "start" ? { start, end: null } : { start: null, end };
}

/**
 * Returns where to continue if the position is outside of the loop; null if it is inside.
 *
 * @param {Loop} loop
 * @param {number} seconds
 * @param {boolean} hasEnded
 */
export function loopTarget({ start, end }, seconds, hasEnded) {
  if (start === null && end === null) return null;
  return hasEnded || (end !== null && seconds >= end) ? (start ?? 0) : null;
}

const Base = typeof HTMLElement === "undefined" ? /** @type {typeof HTMLElement} */ (Object) : HTMLElement; // in tests

class VideoControls extends Base {
  /** @type {Loop} */
  loop = { start: null, end: null };
  frame = 0;
  /** @type {Element} */
  scope = this;

  /** @type {Record<string, () => void>} */
  actions = {
    play: () => this.togglePlay(),
    back: () => this.move(-10),
    forward: () => this.move(10),
    "second-back": () => this.move(-1),
    "second-forward": () => this.move(1),
    "frame-back": () => this.step(-1),
    "frame-forward": () => this.step(1),
    slower: () => this.changeSpeed(-1),
    faster: () => this.changeSpeed(1),
    "loop-start": () => this.changeLoop("start"),
    "loop-end": () => this.changeLoop("end"),
    "loop-clear": () => this.clearLoop(),
    mute: () => this.toggleMute(),
    fullscreen: () => this.toggleFullscreen(),
    previous: () => this.activate("a[rel=prev]"),
    next: () => this.activate("a[rel=next]"),
    share: () => this.activate("#task-actions form[action$='/share'] button"),
    download: () => this.activate("#task-actions a[href*='download=1']"),
    keys: () => this.showKeys(),
    "copy-moment": () => this.updateMoment(),
  };

  /** @returns {HTMLVideoElement | null} */
  get video() {
    return this.querySelector("video");
  }

  connectedCallback() {
    this.scope = this.closest("dialog") ?? this;
    // Before the video's own keys, of which space and the arrows would act twice.
    this.scope.addEventListener("keydown", this, { capture: true });
    this.addEventListener("click", this, { capture: true });
    for (const name of ["play", "pause", "volumechange", "ratechange", "ended"])
      this.addEventListener(name, this, { capture: true });
    this.update();
  }

  disconnectedCallback() {
    this.scope.removeEventListener("keydown", this, { capture: true });
    cancelAnimationFrame(this.frame);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof KeyboardEvent) return this.handleKey(event);
    const action = event.type === "click" ? closestTo(event, "[data-act]")?.dataset.act : undefined;
    if (event.type === "ended") this.repeat();
    if (action && !closestTo(event, "a")) this.actions[action]?.();
    this.update();
  }

  /** @param {KeyboardEvent} event */
  handleKey(event) {
    if (this.isEmpty || event.ctrlKey || event.metaKey || event.altKey || closestTo(event, TYPING)) return;
    if (event.key === " " && closestTo(event, "button, a, summary")) return; // activates it
    const hasLoop = this.loop.start !== null || this.loop.end !== null;
    const action = event.key === "Escape" && hasLoop ? "loop-clear" : KEYS[event.key];
    if (!action || !Object.hasOwn(this.actions, action)) return;
    event.preventDefault();
    event.stopPropagation();
    this.actions[action]();
    this.update();
  }

  togglePlay() {
    const { video } = this;
    if (video?.paused) video.play().catch(() => {});
    else video?.pause();
  }

  /** @param {number} seconds */
  move(seconds) {
    const { video } = this;
    if (video) video.currentTime = Math.min(Math.max(video.currentTime + seconds, 0), video.duration || 0);
  }

  /** @param {number} frames */
  step(frames) {
    this.video?.pause();
    this.move(frames / (Number(this.getAttribute("fps")) || FRAME_RATE));
  }

  /** @param {number} step */
  changeSpeed(step) {
    const { video } = this;
    if (!video) return;
    video.playbackRate = nextSpeed(video.playbackRate, step);
    this.say(t("Speed: %(speed)s×", { speed: video.playbackRate }));
  }

  /** @param {"start" | "end"} which */
  changeLoop(which) {
    const { video } = this;
    if (!video) return;
    this.loop = changedLoop(this.loop, which, video.currentTime);
    this.say(this.loopText);
    this.watch();
  }

  clearLoop() {
    this.loop = { start: null, end: null };
    this.say(t("Loop cleared"));
  }

  get loopText() {
    const { start, end } = this.loop;
    if (start === null && end === null) return "";
    const [from, to] = [formatMoment(start ?? 0), end === null ? t("the end") : formatMoment(end)];
    return t("Loop: %(from)s to %(to)s", { from, to });
  }

  /** Watches the position while the video plays: `timeupdate` comes four times a second, too late for a loop. */
  watch() {
    cancelAnimationFrame(this.frame);
    const { video } = this;
    const target = video && loopTarget(this.loop, video.currentTime, false);
    if (video && target !== null && !video.seeking) video.currentTime = target;
    if (video && !video.paused && this.loopText) this.frame = requestAnimationFrame(() => this.watch());
  }

  repeat() {
    const { video } = this;
    const target = video && loopTarget(this.loop, video.currentTime, true);
    if (!video || target === null) return;
    video.currentTime = target;
    video.play().catch(() => {});
  }

  toggleMute() {
    const { video } = this;
    if (!video) return;
    video.muted = !video.muted;
    this.say(video.muted ? t("Sound off") : t("Sound on"));
  }

  toggleFullscreen() {
    const { video } = this;
    const stage = find(this, ".theater-stage");
    const phone = /** @type {{ webkitEnterFullscreen?: () => void }} */ (/** @type {unknown} */ (video ?? {}));
    if (document.fullscreenElement) document.exitFullscreen();
    else if (stage.requestFullscreen) stage.requestFullscreen().catch(() => {});
    else phone.webkitEnterFullscreen?.(); // Safari on iPhones has it for videos only
  }

  /** @param {string} selector */
  activate(selector) {
    const control = this.querySelector(selector);
    if (control instanceof HTMLElement) control.click();
  }

  showKeys() {
    const keys = find(this, ".theater-keys");
    keys.toggleAttribute("open");
    keys.scrollIntoView({ block: "nearest" });
    find(keys, "summary").focus();
  }

  /** The button copies the text of its `copy-button` right after this. */
  updateMoment() {
    const moment = momentHref(this.getAttribute("href") ?? "", this.video?.currentTime ?? 0);
    find(this, "copy-button[data-moment]").setAttribute("text", moment);
  }

  /** Whether the next task is being loaded. */
  get isEmpty() {
    return !this.querySelector("[data-act=play]");
  }

  update() {
    if (this.isEmpty) return;
    const { video } = this;
    for (const button of findAll(this, "button[data-act]"))
      if (button instanceof HTMLButtonElement && button.dataset.act !== "keys") button.disabled = !video;
    const play = find(this, "[data-act=play]");
    play.setAttribute("aria-pressed", String(Boolean(video && !video.paused)));
    find(this, "[data-act=mute]").setAttribute("aria-pressed", String(Boolean(video?.muted)));
    find(this, ".theater-speed").textContent = `${video?.playbackRate ?? 1}×`;
    find(this, ".theater-loop").textContent = this.loopText;
    if (video && !video.paused) this.watch();
  }

  /** @param {string} text */
  say(text) {
    find(this, "[role=status]").textContent = text;
  }
}

if (typeof customElements !== "undefined") customElements.define("video-controls", VideoControls);
