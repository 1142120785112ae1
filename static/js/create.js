/** Modules of the page for a new video. */
import "./presets.js";
import "./file-drop.js";
import "./form-draft.js";
