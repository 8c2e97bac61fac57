// Warns before a page with changes that are not saved is left.

const form = document.querySelector("[data-unsaved-form]");
const read = () => new URLSearchParams(new FormData(form)).toString();
const saved = read();
let sending = false;

form.addEventListener("submit", () => { sending = true; });
window.addEventListener("pageshow", () => { sending = false; });
window.addEventListener("beforeunload", (event) => {
  if (!sending && read() !== saved) event.preventDefault();
});
form.querySelector(".error-summary")?.focus();
