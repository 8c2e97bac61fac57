// A page with a map beside it: loads the map element, opens the map as a pane on a phone, lights what is pointed at.

import "gp/map";

const pane = document.querySelector("[data-map-pane]");
const open = document.querySelector("[data-map-open]");
const close = document.querySelector("[data-map-close]");
const map = pane?.querySelector("gp-map");

function show(shown) {
  pane.classList.toggle("is-open", shown);
  document.body.classList.toggle("map-is-open", shown);
  for (const other of document.querySelectorAll(".site-header, .split-panel, .thumb-bar")) other.inert = shown;
  (shown ? close : open).focus();
}

if (pane && open && close) {
  open.hidden = false;
  close.hidden = false;
  open.addEventListener("click", () => show(true));
  close.addEventListener("click", () => show(false));
  pane.addEventListener("keydown", (event) => { if (event.key === "Escape" && pane.classList.contains("is-open")) show(false); });
  matchMedia("(min-width: 900px)").addEventListener("change", ({ matches }) => { if (matches && pane.classList.contains("is-open")) show(false); });
}

// An item of a list (with data-code) lights its shape, and the other way round.
const itemOf = (event) => event.target.closest?.("[data-code]");
for (const type of ["mouseover", "focusin"]) document.addEventListener(type, (event) => { const item = itemOf(event); if (item) map?.light(item.dataset.code); });
for (const type of ["mouseout", "focusout"]) document.addEventListener(type, (event) => { if (itemOf(event)) map?.light(null); });
document.addEventListener("gp-lit", ({ detail }) => {
  for (const item of document.querySelectorAll("[data-code]")) item.classList.toggle("is-lit", item.dataset.code === detail.code);
});
