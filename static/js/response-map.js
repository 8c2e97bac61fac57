// What came back of a mailing: segments of streets coloured by response rate, over the town as it is.

import "gp/map";
import { isDark, pageColours } from "gp/map-style";

const element = document.querySelector("[data-response-map]");
const { mailing, of } = JSON.parse(document.getElementById("response-map").textContent);

/** The colours of the legend, which the stylesheet names once for both. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  return [0, 1, 2, 3, 4].map((step) => style.getPropertyValue(`--rate-${step}`).trim());
}

function dress(map) {
  if (map.getSource("response")) return;
  const [none, ...steps] = colours();
  const { surface, ink } = pageColours();
  const tiles = `${element.settings.tiles.replace("{layer}", "mailing-response")}?mailing=${mailing}`;
  map.addSource("response", { type: "vector", tiles: [tiles], maxzoom: 16 });
  const line = { source: "response", "source-layer": "mailing-response", type: "line", layout: { "line-cap": "butt", "line-join": "round" } };
  const width = (extra) => ["interpolate", ["linear"], ["zoom"], 11, 2.5 + extra, 16, 8 + extra];
  const rate = ["get", "rate"];
  map.addLayer({ id: "response-edge", ...line, paint: { "line-color": isDark() ? surface : ink, "line-width": width(2), "line-opacity": 0.5 } });
  map.addLayer({ id: "response-rate", ...line, paint: { "line-color": ["case", ["==", rate, 0], none, ["<=", rate, 0.1], steps[0], ["<=", rate, 0.25], steps[1], ["<=", rate, 0.5], steps[2], steps[3]], "line-width": width(0) } });
}

function say(map, point) {
  const [feature] = map.queryRenderedFeatures([[point.x - 5, point.y - 5], [point.x + 5, point.y + 5]], { layers: ["response-rate"] });
  const known = feature?.properties;
  element.hint(known ? `${known.street}: ${of.replace("{answered}", known.answered).replace("{letterboxes}", known.letterboxes)}` : "");
}

element.ready.then((map) => {
  dress(map);
  map.on("style.load", () => dress(map)); // light and dark are two styles
  map.on("mousemove", ({ point }) => say(map, point));
  map.on("click", ({ point }) => say(map, point));
  map.once("idle", () => { element.dataset.ready = ""; });
}).catch(() => {});
