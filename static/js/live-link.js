/** The page behind a share link: asks for its task's state when the stream says that it has changed. */
import { triggerHtmx } from "./htmx.js";
import { listen } from "./live/events.js";

listen("refetch", () => {
  const state = document.getElementById("shared-state");
  if (state) triggerHtmx(state, "refetch");
});
