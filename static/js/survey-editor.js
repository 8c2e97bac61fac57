// The editor of a survey: what is moved keeps the focus, what went wrong is read out.

import "htmx";

let pressed = "";
document.addEventListener("submit", (event) => { pressed = event.submitter?.id ?? ""; });

document.addEventListener("htmx:after:swap", () => {
  const outline = document.getElementById("outline");
  const refused = outline?.querySelector(".message-error, [role='alert']");
  const target = (pressed && document.getElementById(pressed)) || refused;
  pressed = "";
  if (!target) return;
  if (!target.matches("button")) target.tabIndex = -1;
  target.focus();
});
