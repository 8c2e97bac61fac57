// The rounds of a mailing: their paths on the map, where they start and end (searched, or clicked), and, while they
// are planned, looking at the page again when they are there.

import "gp/map";
import "gp/search";

const json = (id) => JSON.parse(document.getElementById(id).textContent);
const element = document.querySelector("[data-rounds-map]");
const paths = json("round-paths");
const words = json("round-words");
const COLOURS = 6;

// --- State: htmx renews it; the page is read again once it has changed from pending to anything else.
const withoutScript = () => { for (const hidden of document.querySelectorAll("[data-without-script]")) hidden.hidden = true; };
const state = () => document.getElementById("rounds-state").dataset.state;
const isPending = () => state() === "waiting" || state() === "planning";
const wasPending = isPending();
withoutScript();
document.addEventListener("htmx:after:swap", () => {
  withoutScript();
  if (wasPending && !isPending()) location.reload();
});

// --- Map
const style = () => getComputedStyle(document.documentElement);
const colour = (number) => style().getPropertyValue(`--round-${(number - 1) % COLOURS}`).trim();

function ends() {
  const features = [];
  for (const box of document.querySelectorAll("[data-round-end]")) {
    const position = box.querySelector("[data-position]").value.split(",").map(Number);
    if (position.length === 2 && position.every(Number.isFinite)) features.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: position } });
  }
  return { type: "FeatureCollection", features };
}

function dress(map) {
  if (map.getSource("rounds")) return;
  const surface = style().getPropertyValue("--surface").trim() || "#fff";
  map.addSource("rounds", { type: "geojson", data: paths });
  map.addSource("round-ends", { type: "geojson", data: ends() });
  const line = { source: "rounds", type: "line", layout: { "line-cap": "round", "line-join": "round" } };
  const byRound = ["match", ["%", ["-", ["get", "round"], 1], COLOURS], ...[0, 1, 2, 3, 4].flatMap((step) => [step, colour(step + 1)]), colour(6)];
  const width = (extra) => ["interpolate", ["linear"], ["zoom"], 10, 1.5 + extra, 16, 5 + extra];
  map.addLayer({ id: "rounds-edge", ...line, paint: { "line-color": surface, "line-width": width(2) } });
  map.addLayer({ id: "rounds", ...line, paint: { "line-color": byRound, "line-width": width(0) } });
  map.addLayer({ id: "round-ends", source: "round-ends", type: "circle", paint: { "circle-radius": 8, "circle-color": style().getPropertyValue("--ink").trim() || "#000", "circle-stroke-color": surface, "circle-stroke-width": 3 } });
}

function say(map, point) {
  if (choosing) return;
  const [found] = map.queryRenderedFeatures([[point.x - 5, point.y - 5], [point.x + 5, point.y + 5]], { layers: ["rounds"] });
  element.hint(found ? words.round.replace("{number}", found.properties.round) : "");
}

element.ready.then((map) => {
  dress(map);
  map.on("style.load", () => dress(map)); // light and dark are two styles
  map.on("mousemove", ({ point }) => say(map, point));
  if (paths.features.length) element.fitTo(paths);
  for (const button of document.querySelectorAll("[data-on-map]")) button.hidden = false;
  map.once("idle", () => { element.dataset.ready = ""; });
}).catch(() => {});

// --- Start and end
let choosing = null;

function choose(box) {
  choosing = choosing === box ? null : box;
  for (const one of document.querySelectorAll("[data-round-end]")) one.querySelector("[data-on-map]").setAttribute("aria-pressed", String(one === choosing));
  element.toggleAttribute("drawing", Boolean(choosing));
  element.hint(choosing ? words[choosing.dataset.roundEnd] : "");
}

function put(box, position, text) {
  box.querySelector("[data-position]").value = position;
  if (text !== undefined) box.querySelector("[data-place-field]").value = text;
  element.map?.getSource("round-ends")?.setData(ends());
}

for (const box of document.querySelectorAll("[data-round-end]")) {
  box.querySelector("[data-place-field]").addEventListener("input", () => put(box, ""));
  box.addEventListener("gp-place", ({ detail }) => put(box, detail.lon === null ? "" : `${detail.lon},${detail.lat}`));
  box.querySelector("[data-on-map]").addEventListener("click", () => choose(box));
}
element.addEventListener("gp-clicked", ({ detail }) => {
  if (!choosing) return;
  put(choosing, `${detail.lon.toFixed(6)},${detail.lat.toFixed(6)}`, words.point);
  const button = choosing.querySelector("[data-on-map]");
  choose(choosing);
  button.focus();
});
