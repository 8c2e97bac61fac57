// On every page: the menu on a phone, the switch between light and dark.

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
