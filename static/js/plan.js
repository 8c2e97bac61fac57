// Comparing the variants of a plan: the one that the map shows, and two pictures under a divider.

import "gp/map-page";

const map = document.querySelector("gp-map[data-plan]");
const overlays = document.querySelector("[data-overlays]");
const compare = document.querySelector("[data-compare]");

/** Layers of the chosen variant, behind the places. */
function dress(drawn) {
  if (drawn.getSource("scenarios")) return;
  drawn.addSource("scenarios", { type: "vector", tiles: [`${map.settings.tiles.replace("{layer}", "scenarios")}?plan=${map.dataset.plan}`], maxzoom: 17 });
  const base = { source: "scenarios", "source-layer": "scenarios" };
  const colour = ["to-color", ["get", "colour"]];
  const round = { "line-cap": "round", "line-join": "round" };
  for (const layer of [
    { id: "scenario-areas", type: "fill", ...base, paint: { "fill-color": colour, "fill-opacity": 0.35 }, shape: "Polygon" },
    { id: "scenario-edges", type: "line", ...base, layout: round, paint: { "line-color": colour, "line-width": 2.5 }, shape: "Polygon" },
    { id: "scenario-casing", type: "line", ...base, layout: round, paint: { "line-color": "#fffdfa", "line-width": 8 }, shape: "LineString" },
    { id: "scenario-lines", type: "line", ...base, layout: round, paint: { "line-color": colour, "line-width": 5 }, shape: "LineString" },
    { id: "scenario-points", type: "circle", ...base, paint: { "circle-color": colour, "circle-radius": 7, "circle-stroke-width": 2, "circle-stroke-color": "#fffdfa" }, shape: "Point" },
  ]) {
    const { shape, ...rest } = layer;
    drawn.addLayer({ ...rest, filter: filterOf(shape) }, "found-areas");
  }
}

const SHAPES = { "scenario-areas": "Polygon", "scenario-edges": "Polygon", "scenario-casing": "LineString", "scenario-lines": "LineString", "scenario-points": "Point" };
const chosen = () => overlays.querySelector("input:checked")?.value ?? "";
const filterOf = (shape) => ["all", ["==", ["geometry-type"], shape], ["==", ["to-string", ["get", "variant"]], chosen()]];

if (map && overlays) {
  overlays.hidden = false;
  map.ready.then((drawn) => {
    dress(drawn);
    drawn.on("style.load", () => dress(drawn)); // light and dark are two styles
    overlays.addEventListener("change", () => {
      for (const [id, shape] of Object.entries(SHAPES)) drawn.setFilter(id, filterOf(shape));
    });
    map.dataset.ready = "";
  }).catch(() => {});
}

if (compare) {
  const side = compare.querySelector("[data-side]");
  const pictures = [...side.querySelectorAll("img")];
  const names = [...compare.querySelector("[data-left]").options].map((option) => option.textContent);
  const swipe = compare.querySelector("[data-swipe]");
  const stage = compare.querySelector("[data-stage]");
  const cut = compare.querySelector("[data-cut]");
  const [left, right] = [compare.querySelector("[data-left]"), compare.querySelector("[data-right]")];

  const move = () => {
    stage.style.setProperty("--cut", `${cut.value}%`);
    cut.setAttribute("aria-valuetext", compare.dataset.wordsCut.replace("{left}", names[left.value]).replace("{right}", names[right.value]).replace("{share}", `${cut.value} %`));
  };
  const choose = () => {
    stage.querySelector("[data-over]").src = pictures[left.value].src;
    stage.querySelector("[data-under]").src = pictures[right.value].src;
    move();
  };
  const show = (mode) => {
    const swiping = mode === "swipe";
    side.hidden = swiping;
    swipe.hidden = !swiping;
    compare.querySelector("[data-swipe-choice]").hidden = !swiping;
    if (swiping) choose();
  };
  compare.querySelector("[data-compare-controls]").hidden = false;
  compare.addEventListener("change", ({ target }) => {
    if (target.name === "compare-mode") show(target.value);
    else if (target === left || target === right) choose();
  });
  cut.addEventListener("input", move);
  // By finger or mouse the divider is drawn over the picture itself; by keyboard the slider below moves it.
  stage.addEventListener("pointerdown", (event) => { stage.setPointerCapture(event.pointerId); drag(event); });
  stage.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
  function drag({ clientX }) {
    const { left: start, width } = stage.getBoundingClientRect();
    cut.value = String(Math.round(((clientX - start) / width) * 100));
    move();
  }
}
