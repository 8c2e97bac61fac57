// A plan in the workspace: places and elements are typed or drawn on the page's map.

import "gp/map";
import "gp/search";
import { Drawing, PlacePicker } from "gp/place-picker";

const form = document.querySelector("[data-plan-form]");
const map = form?.querySelector("gp-map");

if (form) {
  const words = JSON.parse(document.getElementById("draw-words").textContent);
  form.addEventListener("gp-picked", ({ detail: { geometry, bbox } }) => {
    map?.setPlace(geometry);
    if (bbox) map?.fitTo(bbox);
  });
  new PlacePicker(form, words, map && new Drawing(map, words));
}
