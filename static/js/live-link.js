/** The page of a share link: fetches the state of its task when the stream reports a change. */
import { triggerHtmx } from "./htmx.js";
import { listen } from "./live/events.js";

listen("refetch", () => {
  const state = document.getElementById("shared-state");
  if (state) triggerHtmx(state, "refetch");
});
