// Choosing the file of a register: one that is too large is told before it is sent, and a sent one is not sent twice.

const form = document.querySelector("[data-register-file]");
const input = form.querySelector("input[type=file]");
const tooLarge = form.querySelector("[data-too-large]");
const send = form.querySelector("[data-send]");
const sending = form.querySelector("[data-sending]");

function check() {
  const isTooLarge = (input.files[0]?.size ?? 0) > Number(form.dataset.mostBytes);
  tooLarge.hidden = !isTooLarge;
  input.setAttribute("aria-invalid", String(isTooLarge));
  return !isTooLarge;
}

input.addEventListener("change", check);
for (const type of ["dragenter", "dragover"]) input.addEventListener(type, () => input.classList.add("is-over"));
for (const type of ["dragleave", "drop"]) input.addEventListener(type, () => input.classList.remove("is-over"));
form.addEventListener("submit", (event) => {
  if (!check() || send.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    if (!tooLarge.hidden) input.focus();
    return;
  }
  send.setAttribute("aria-disabled", "true");
  sending.hidden = false;
});
window.addEventListener("pageshow", () => {
  send.removeAttribute("aria-disabled");
  sending.hidden = true;
});
form.querySelector(".error-summary")?.focus();
