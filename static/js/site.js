// On every page: the menu on a phone, the switch between light and dark, no form sent twice by a double click.

const menu = document.querySelector("[data-menu-toggle]");
menu?.addEventListener("click", () => {
  const shown = document.getElementById("site-nav").classList.toggle("is-open");
  menu.setAttribute("aria-expanded", String(shown));
});

const root = document.documentElement;
const toggle = document.querySelector("[data-theme-toggle]");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
if (toggle) {
  const show = () => toggle.setAttribute("aria-pressed", String(isDark()));
  toggle.hidden = false;
  show();
  prefersDark.addEventListener("change", show);
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    document.cookie = `gp_theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    show();
    document.dispatchEvent(new CustomEvent("gp-theme"));
  });
}

// A form that gives a file stays on its page, and may be sent again a moment later.
const PAUSE_MS = 2000;
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  const by = event.submitter ?? event.target;
  if (sent.get(event.target) === by) { event.preventDefault(); return; } // another button of the form means another thing
  sent.set(event.target, by);
  setTimeout(() => sent.delete(event.target), PAUSE_MS);
});
window.addEventListener("pageshow", () => { for (const form of document.forms) sent.delete(form); });
