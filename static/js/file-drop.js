/**
 * Files for a new video that are dropped or pasted. A drop goes to the field under it, a paste to the first image. What
 * was added stands below the field, with a picture of it.
 */
import { closestTo, find, findAll } from "./dom.js";
import { t, tn } from "./translations.js";

const PREVIEW = 96; // pixels

/**
 * @param {HTMLInputElement} input
 * @param {File} file
 */
const isAccepted = (input, file) => !input.accept || input.accept.split(",").includes(file.type);

/**
 * Returns whether the field has taken any of the files.
 *
 * @param {HTMLInputElement} input
 * @param {Iterable<File>} files
 */
function addFiles(input, files) {
  const accepted = [...files].filter((file) => isAccepted(input, file));
  if (!accepted.length) return false;
  const chosen = new DataTransfer();
  const kept = input.multiple ? [...(input.files ?? [])] : [];
  for (const file of input.multiple ? [...kept, ...accepted] : accepted.slice(0, 1)) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** @param {HTMLInputElement} input */
function showChosen(input) {
  let list = input.parentElement?.querySelector(".chosen-files");
  list?.remove();
  if (!input.files?.length) return;
  list = Object.assign(document.createElement("ul"), { className: "chosen-files" });
  for (const file of input.files) list.append(itemFor(file));
  const remove = Object.assign(document.createElement("button"), {
    type: "button",
    className: "button small ghost",
    textContent: tn("Remove file", "Remove files", input.files.length),
  });
  remove.dataset.removesFiles = "";
  const item = document.createElement("li");
  item.append(remove);
  list.append(item);
  input.after(list);
}

/** @param {File} file */
function itemFor(file) {
  const item = document.createElement("li");
  if (file.type.startsWith("image/")) void drawPreview(file, item);
  const name = document.createElement("span");
  name.textContent = file.name;
  item.append(name);
  return item;
}

/**
 * On a canvas: the page's content policy allows no images from elsewhere, blob: URLs included.
 *
 * @param {File} file
 * @param {HTMLElement} item
 */
async function drawPreview(file, item) {
  const image = await createImageBitmap(file, { resizeHeight: PREVIEW }).catch(() => null);
  if (!image) return; // the server says what is wrong with it
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  canvas.setAttribute("aria-hidden", "true");
  item.prepend(canvas);
}

/** @param {Event} event */
const dropZone = (event) => closestTo(event, "[data-drop]");

document.addEventListener("dragover", (event) => {
  const zone = event.dataTransfer?.types.includes("Files") ? dropZone(event) : null;
  for (const other of findAll(document, "[data-dragging]")) if (other !== zone) delete other.dataset.dragging;
  if (!zone) return;
  event.preventDefault();
  zone.dataset.dragging = "true";
});

document.addEventListener("dragleave", (event) => {
  const zone = dropZone(event);
  if (zone && !(event.relatedTarget instanceof Node && zone.contains(event.relatedTarget)))
    delete zone.dataset.dragging;
});

document.addEventListener("drop", (event) => {
  const zone = dropZone(event);
  if (!zone || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  delete zone.dataset.dragging;
  const input = /** @type {HTMLInputElement} */ (find(zone, 'input[type="file"]'));
  if (!addFiles(input, event.dataTransfer.files)) tell(input, wanted(input));
});

document.addEventListener("paste", (event) => {
  const input = document.getElementById("id_image_file");
  const data = event.clipboardData;
  // A word processor copies a picture of a text along with the text.
  if (!(input instanceof HTMLInputElement) || !data?.files.length || data.types.includes("text/plain")) return;
  if (!addFiles(input, data.files)) return;
  event.preventDefault();
  input.closest("details")?.setAttribute("open", "");
  input.scrollIntoView({ block: "nearest" });
});

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.type !== "file" || !target.closest("[data-drop]")) return;
  target.setCustomValidity("");
  showChosen(target);
});

document.addEventListener("click", (event) => {
  const remove = closestTo(event, "[data-removes-files]");
  const input = remove?.closest("[data-drop]")?.querySelector('input[type="file"]');
  if (!(input instanceof HTMLInputElement)) return;
  input.value = "";
  showChosen(input);
  input.focus();
});

/** @param {HTMLInputElement} input */
const wanted = (input) =>
  input.accept.startsWith("image/") ? t("Drop a PNG, JPEG or WebP image here.") : t("Drop a file of this kind here.");

/**
 * @param {HTMLInputElement} input
 * @param {string} text
 */
function tell(input, text) {
  input.setCustomValidity(text);
  input.reportValidity();
  input.addEventListener("blur", () => input.setCustomValidity(""), { once: true });
}
