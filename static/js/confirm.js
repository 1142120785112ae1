/**
 * Asks before what cannot be taken back: htmx requests with hx-confirm, and plain forms whose button has data-confirm.
 * Without a script the server asks, on a page of its own, as long as `confirmed=on` does not come along.
 */
const dialog = document.getElementById("confirm");

/** Resolves to true for yes. Focus goes back to where it was: the browser does that for a modal dialog. */
function ask(question, yes) {
  dialog.querySelector("#confirm-question").textContent = question;
  dialog.querySelector("[value=yes]").textContent = yes || "Go on";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) =>
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }),
  );
}

document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await ask(event.detail.question, event.detail.elt.dataset.confirmLabel)) event.detail.issueRequest(true);
});

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const isAnswered = form.elements.confirmed || form.elements.all?.checked;
  if (!submitter?.dataset.confirm || isAnswered) return;
  event.preventDefault();
  if (!(await ask(submitter.dataset.confirm, submitter.dataset.confirmLabel))) return;
  const confirmed = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "on" });
  form.append(confirmed);
  form.requestSubmit(submitter);
  confirmed.remove();
});
