/** The fields of a form that can be kept as a draft. */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */
const EXCLUDED_TYPES = new Set(["hidden", "password", "file", "submit", "button"]);

/**
 * @param {HTMLFormElement} form
 * @returns {Generator<Field>}
 */
export function* fieldsOf(form) {
  for (const element of form.elements) {
    const field = /** @type {Field} */ (element);
    if (field.name && !EXCLUDED_TYPES.has(field.type)) yield field;
  }
}

/**
 * Returns whether the field changed. A choice that no longer exists is ignored.
 *
 * @param {Field} field
 * @param {string} value
 */
export function setValue(field, value) {
  const before = field.value;
  field.value = value;
  if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.value = before;
  return field.value !== before;
}
