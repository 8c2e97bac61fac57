// Putting in an idea: the three steps work as a plain form; with this module one can point and draw on the map, see
// what the place is called, and leaves the page without losing what was typed.

import "gp/map-page";
import "htmx";
import "gp/search";
import { keepDraft, sendOnce, sendPhotos } from "gp/draft";
import { Drawing, PlacePicker } from "gp/place-picker";

const form = document.querySelector("[data-contribute]");
const map = document.querySelector("gp-map");

if (form) {
  const words = JSON.parse(document.getElementById("draw-words").textContent);
  document.querySelector("[data-error-summary]")?.focus();
  keepDraft(form, ["title", "body", "place_text", "place", "geometry"]);
  sendOnce(form);
  sendPhotos(form);

  form.addEventListener("gp-picked", ({ detail: { geometry, bbox } }) => {
    map?.setPlace(geometry);
    if (bbox) map?.fitTo(bbox);
    form.dispatchEvent(new CustomEvent("gp-changed"));
  });
  const picker = new PlacePicker(form, words, map && new Drawing(map, words));
  if (map && picker.geometry) map.fitTo(picker.geometry);
  form.addEventListener("gp-photo-place", ({ detail: [lon, lat] }) => picker.pin(lon, lat));

  // The preview shows the place as everybody will see it.
  document.addEventListener("htmx:after:swap", () => {
    const block = document.getElementById("preview-place");
    if (!block) return;
    const place = JSON.parse(block.textContent);
    map?.setPlace(place);
    map?.fitTo(place);
  });
}
