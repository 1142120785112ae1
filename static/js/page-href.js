/** The URL of the page that is loaded: while a video is open above it, the address bar shows the video's. */

/** @returns {string} */
export const pageHref = () => history.state?.page ?? location.href;
