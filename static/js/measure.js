// What came of an idea: the form works by itself; with this module its place is pointed at or drawn, and photos are sent
// as soon as they are chosen.

import "gp/map-page";
import "gp/search";
import { sendOnce, sendPhotos } from "gp/draft";
import { Drawing, PlacePicker } from "gp/place-picker";

const form = document.querySelector("[data-measure]");
const map = document.querySelector("gp-map");

if (form) {
  const words = JSON.parse(document.getElementById("draw-words").textContent);
  const shown = JSON.parse(document.getElementById("where-built").textContent);
  sendOnce(form);
  sendPhotos(form);
  form.addEventListener("gp-picked", ({ detail: { geometry, bbox } }) => {
    map?.setPlace(geometry ?? shown);
    if (bbox) map?.fitTo(bbox);
  });
  const picker = new PlacePicker(form, words, map && new Drawing(map, words));
  if (map && picker.geometry) map.fitTo(picker.geometry);
}
