// One figure by district, as shades over the town's districts; the table beside it says the same.

import "gp/map";
import { pageColours } from "gp/map-style";

const element = document.querySelector("[data-indicator-map]");
const { level, values, label, unknown } = JSON.parse(document.getElementById("indicator-map").textContent);
const known = Object.entries(values).filter(([, value]) => value !== null);
const most = Math.max(1, ...known.map(([, value]) => value));

/** An expression: what stands for a district's value, by its code. */
const byCode = (of, rest) => (known.length ? ["match", ["get", "code"], ...known.flatMap(([code, value]) => [code, of(value)]), rest] : rest);

function dress(map) {
  if (map.getSource("figures")) return;
  const { town, ink, surface } = pageColours();
  map.addSource("figures", { type: "vector", tiles: [element.settings.tiles.replace("{layer}", "districts")], maxzoom: 14 });
  const base = { source: "figures", "source-layer": "districts", filter: ["==", ["get", "level"], level] };
  map.addLayer({ id: "figures-area", type: "fill", ...base, paint: { "fill-color": town, "fill-opacity": byCode((value) => 0.08 + 0.62 * (value / most), 0) } });
  map.addLayer({ id: "figures-line", type: "line", ...base, paint: { "line-color": ink, "line-width": 1.2, "line-opacity": 0.6 } });
  map.addLayer({ id: "figures-edge", type: "line", ...base, paint: { "line-color": surface, "line-width": 0.5 } });
}

function say(map, point) {
  const [feature] = map.queryRenderedFeatures(point, { layers: ["figures-area"] });
  const district = feature?.properties;
  element.hint(district && district.code in values ? `${district.name}: ${values[district.code] ?? unknown} (${label})` : "");
}

element.ready.then((map) => {
  dress(map);
  map.on("style.load", () => dress(map)); // light and dark are two styles
  map.on("mousemove", ({ point }) => say(map, point));
  map.on("click", ({ point }) => say(map, point));
  map.once("idle", () => { element.dataset.ready = ""; });
}).catch(() => {});
