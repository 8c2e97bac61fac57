// While a register is read or loaded: htmx renews the part of the page that says how far it is.

const part = () => document.getElementById("register-state");
const withoutScript = () => {
  for (const hidden of document.querySelectorAll("[data-without-script]")) hidden.hidden = true;
};

let shown = part().dataset.registerState;
withoutScript();
document.addEventListener("htmx:after:swap", () => {
  const now = part();
  withoutScript();
  if (now.dataset.goOn) {
    location.replace(now.dataset.goOn);
    return;
  }
  if (now.dataset.registerState === shown) return;
  shown = now.dataset.registerState;
  now.querySelector("h1").focus(); // what a screen reader reads out
});
