// Typing in sheets of paper: Enter goes to the next box, Ctrl and Enter sends.

const form = document.querySelector("[data-paper-form]");
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.matches("button, textarea:not([data-sent])") && !event.ctrlKey) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) { form.requestSubmit(); return; }
  const boxes = [...form.querySelectorAll("input:not([type='hidden']), textarea, button[type='submit']")];
  boxes[boxes.indexOf(event.target) + 1]?.focus();
});
document.querySelector(".error-summary")?.focus();
