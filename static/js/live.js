/** The modules of pages that update live. */
import "./live-announcer.js";
import "./live-badge.js";
import "./live-counts.js";
import "./live-link.js";
import "./live-rows.js";
import "./live-stream.js";
import "./live-task.js";
import "./live-title.js";
import "./notify-switch.js";
