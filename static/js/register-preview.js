// The first rows of a register on the map, over the town as it is.

import "gp/map";
import { boundsOf } from "gp/map-geometry";
import { isDark, pageColours } from "gp/map-style";

const element = document.querySelector("[data-register-map]");
const rows = JSON.parse(document.getElementById("register-preview").textContent);

function dress(map) {
  if (map.getSource("register")) return;
  const { proposal, surface } = pageColours();
  const of = { source: "register" };
  map.addSource("register", { type: "geojson", data: rows });
  map.addLayer({ id: "register-areas", type: "fill", ...of, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": proposal, "fill-opacity": isDark() ? 0.3 : 0.2 } });
  map.addLayer({ id: "register-lines", type: "line", ...of, filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": proposal, "line-width": 2.5 } });
  map.addLayer({ id: "register-points", type: "circle", ...of, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": proposal, "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 3, 16, 7], "circle-stroke-color": surface, "circle-stroke-width": 1.5 } });
  const name = { "text-field": ["get", "name"], "text-font": ["Atkinson Hyperlegible"], "text-size": 13, "text-padding": 6 };
  map.addLayer({ id: "register-names", type: "symbol", ...of, minzoom: 11, layout: { ...name, "text-variable-anchor": ["top", "bottom", "left", "right"], "text-radial-offset": 0.8 }, paint: { "text-color": proposal, "text-halo-color": surface, "text-halo-width": 2 } });
}

const bounds = boundsOf(rows);
if (bounds) element.setAttribute("bounds", bounds.join(","));
element.ready.then((map) => {
  dress(map);
  map.on("style.load", () => dress(map)); // light and dark are two styles
  if (bounds) element.fitTo(bounds, { animate: false, padding: 40 });
  map.once("idle", () => { element.dataset.ready = ""; });
}).catch(() => {});
