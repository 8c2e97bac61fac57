// The editor of a survey: what is moved keeps the focus, what went wrong is read out.

import "htmx";

let pressed = "";
document.addEventListener("submit", (event) => { pressed = event.submitter?.id ?? ""; });

document.addEventListener("htmx:after:swap", ({ target }) => {
  if (target.id === "preview") return;
  const outline = document.getElementById("outline");
  const refused = outline?.querySelector(".message-error, [role='alert']");
  const goal = (pressed && document.getElementById(pressed)) || refused;
  pressed = "";
  if (!goal) return;
  if (!goal.matches("button")) goal.tabIndex = -1;
  goal.focus();
});
