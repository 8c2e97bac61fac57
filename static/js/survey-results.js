// Places of answers to a survey: hexagons of people for everybody, places and heat for agents.

import "gp/map";
import { pageColours } from "gp/map-style";

const { survey, layer, people, places, narrowed } = JSON.parse(document.getElementById("survey-map").textContent);

function tilesFor(element, question) {
  const query = new URLSearchParams({ survey, question, ...narrowed });
  return `${element.settings.tiles.replace("{layer}", layer)}?${query}`;
}

const COUNT = ["coalesce", ["get", "point_count"], 1];

function hexagons(colours) {
  const fill = ["interpolate", ["linear"], ["get", "people"], 5, 0.25, 20, 0.5, 60, 0.8];
  return [
    { id: "answers-area", type: "fill", paint: { "fill-color": colours.town, "fill-opacity": fill } },
    { id: "answers-line", type: "line", paint: { "line-color": colours.town, "line-width": 1.5 } },
    { id: "answers-count", type: "symbol", minzoom: 12, layout: { "text-field": ["to-string", ["get", "people"]], "text-font": ["Atkinson Hyperlegible Bold"], "text-size": 14 }, paint: { "text-color": colours.ink, "text-halo-color": colours.surface, "text-halo-width": 2 } },
  ];
}

function pointsAndHeat(colours) {
  const isPoint = ["==", ["geometry-type"], "Point"];
  return [
    { id: "answers-area", type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colours.town, "fill-opacity": 0.25 } },
    { id: "answers-line", type: "line", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colours.town, "line-width": 3, "line-opacity": 0.7 } },
    { id: "answers-heat", type: "heatmap", filter: isPoint, layout: { visibility: "none" }, paint: { "heatmap-weight": ["interpolate", ["linear"], COUNT, 1, 0.2, 50, 1], "heatmap-radius": ["interpolate", ["linear"], ["zoom"], 10, 14, 16, 34], "heatmap-opacity": 0.75 } },
    { id: "answers-point", type: "circle", filter: isPoint, paint: { "circle-color": colours.town, "circle-opacity": 0.8, "circle-radius": ["interpolate", ["linear"], ["log10", ["max", COUNT, 1]], 0, 5, 2, 18], "circle-stroke-width": 1.5, "circle-stroke-color": colours.surface } },
    { id: "answers-count", type: "symbol", filter: [">", COUNT, 1], layout: { "text-field": ["to-string", COUNT], "text-font": ["Atkinson Hyperlegible Bold"], "text-size": 13 }, paint: { "text-color": colours["on-town"] } },
  ];
}

function show(map, view) {
  const visible = (id, on) => { if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", on ? "visible" : "none"); };
  visible("answers-heat", view === "heat");
  visible("answers-point", view === "points");
  visible("answers-count", view === "points");
}

function dress(element, map, question, view) {
  if (map.getSource("answers")) return;
  map.addSource("answers", { type: "vector", tiles: [tilesFor(element, question)], maxzoom: 18 });
  const made = layer === "survey-hexagons" ? hexagons(pageColours()) : pointsAndHeat(pageColours());
  for (const one of made) map.addLayer({ source: "answers", "source-layer": layer, ...one });
  if (layer === "survey-places") show(map, view);
}

function say(element, map, point) {
  const layers = ["answers-area", "answers-point", "answers-line"].filter((id) => map.getLayer(id));
  const [feature] = map.queryRenderedFeatures([[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]], { layers });
  const known = feature?.properties;
  if (!known) element.hint("");
  else if (known.people) element.hint(people.replace("{n}", known.people));
  else element.hint(known.point_count > 1 ? places.replace("{n}", known.point_count) : known.district || "");
}

for (const element of document.querySelectorAll("[data-survey-map]")) {
  const question = element.dataset.surveyMap;
  const choice = document.querySelector(`[data-result-view="${question}"]`);
  const view = () => choice?.querySelector("input:checked")?.value || "points";
  element.ready.then((map) => {
    dress(element, map, question, view());
    map.on("style.load", () => dress(element, map, question, view())); // light and dark are two styles
    map.on("mousemove", ({ point }) => say(element, map, point));
    map.on("click", ({ point }) => say(element, map, point));
    if (choice) {
      choice.hidden = false;
      choice.addEventListener("change", () => show(map, view()));
    }
    map.once("idle", () => { element.dataset.ready = ""; });
  }).catch(() => {});
}
