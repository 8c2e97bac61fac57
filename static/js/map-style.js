// The map's own style: a quiet base of our streets, parks, water and districts, contributions in front.
// Without a `glyphs` address MapLibre draws the labels itself with the page's fonts (TinySDF), so no font server is needed.

export const FONT = ["Atkinson Hyperlegible"];
const FONT_BOLD = ["Atkinson Hyperlegible Bold"];
const EMPTY = { type: "FeatureCollection", features: [] };

// Corners of each kind's symbol in a square of 28 pixels, as in card.css; an idea is a circle.
const SHAPES = {
  comment: "14,2.5 25.5,14 14,25.5 2.5,14",
  offer: "14,2 24.4,8 24.4,20 14,26 3.6,20 3.6,8",
  mission: "4.5,4.5 23.5,4.5 23.5,23.5 4.5,23.5",
  plan: "4.5,4.5 23.5,4.5 23.5,23.5 4.5,23.5",
  meeting: "14,2.5 26,24.5 2,24.5",
  measure_done: "14,2 17.3,10.5 26.4,11 19.3,16.7 21.6,25.5 14,20.6 6.4,25.5 8.7,16.7 1.6,11 10.7,10.5",
  measure_under_way: "9.5,2.5 18.5,2.5 18.5,9.5 25.5,9.5 25.5,18.5 18.5,18.5 18.5,25.5 9.5,25.5 9.5,18.5 2.5,18.5 2.5,9.5 9.5,9.5",
};

const LIGHT = {
  land: "#f3efe7", water: "#c9dde4", park: "#dce8cf", building: "#e9e2d6", street: "#ffffff", casing: "#e1d8c9",
  path: "#e8dfd0", label: "#5f574b", halo: "#fbf8f3", district: "#a3927a", waterLabel: "#3f6674", veil: "#5b5145", veilOpacity: 0.16,
};
const DARK = {
  land: "#1c1a18", water: "#17272e", park: "#1f2a1c", building: "#26221f", street: "#3a352f", casing: "#141210",
  path: "#2c2824", label: "#c4baab", halo: "#181614", district: "#7d705f", waterLabel: "#8fb4c1", veil: "#000000", veilOpacity: 0.38,
};

/** Whether the page shows its dark colours now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Colours of the page's stylesheet, as the map needs them: resolved by the browser to rgb(). */
export function pageColours() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["town", "on-town", "proposal", "surface", "ink", "soft", ...Object.keys(SHAPES)];
  const colours = Object.fromEntries(names.map((name) => [name, read(name)]));
  probe.remove();
  return colours;
}

// A comment without a place of its own lies exactly on its idea: the idea is drawn over it.
const IDEAS_ON_TOP = ["match", ["get", "kind"], "comment", 0, "offer", 0, 1];
const byKind = (colours) => ["match", ["get", "kind"], ...Object.keys(SHAPES).flatMap((kind) => [kind, colours[kind]]), colours.proposal];
const lit = (on, off) => ["case", ["boolean", ["feature-state", "lit"], false], on, off];
const grouped = [">", ["coalesce", ["get", "point_count"], 0], 1];
const alone = ["!", grouped];
const isShape = (type) => ["all", alone, ["==", ["geometry-type"], type]];

/** The layers that draw contributions of one source (vector tiles or GeoJSON), from back to front. */
export function contributionLayers(source, colours, sourceLayer) {
  const base = sourceLayer ? { source, "source-layer": sourceLayer } : { source };
  const id = (part) => `${source}-${part}`;
  return [
    { id: id("areas"), type: "fill", ...base, filter: isShape("Polygon"), layout: { "fill-sort-key": IDEAS_ON_TOP }, paint: { "fill-color": byKind(colours), "fill-opacity": lit(0.4, 0.18) } },
    { id: id("area-lines"), type: "line", ...base, filter: isShape("Polygon"), layout: { "line-sort-key": IDEAS_ON_TOP }, paint: { "line-color": byKind(colours), "line-width": lit(4, 2) } },
    { id: id("line-casing"), type: "line", ...base, filter: isShape("LineString"), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colours.surface, "line-width": lit(11, 8), "line-opacity": 0.85 } },
    { id: id("lines"), type: "line", ...base, filter: isShape("LineString"), layout: { "line-cap": "round", "line-join": "round", "line-sort-key": IDEAS_ON_TOP }, paint: { "line-color": byKind(colours), "line-width": lit(7, 4.5) } },
    { id: id("points"), type: "symbol", ...base, filter: isShape("Point"), layout: { "icon-image": ["concat", "gp-", ["get", "kind"]], "icon-allow-overlap": true, "symbol-sort-key": IDEAS_ON_TOP, "icon-size": ["interpolate", ["linear"], ["zoom"], 11, 0.72, 15, 1] } },
    { id: id("lit"), type: "circle", ...base, filter: isShape("Point"), paint: { "circle-radius": 17, "circle-color": "rgba(0,0,0,0)", "circle-stroke-width": lit(4, 0), "circle-stroke-color": colours.ink, "circle-stroke-opacity": lit(1, 0) } },
    { id: id("groups"), type: "circle", ...base, filter: grouped, paint: { "circle-color": colours.town, "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "point_count"]], 0.3, 15, 2, 22, 4, 30], "circle-stroke-width": 4, "circle-stroke-color": colours.town, "circle-stroke-opacity": 0.28 } },
    { id: id("counts"), type: "symbol", ...base, filter: grouped, layout: { "text-field": ["concat", ["case", ["boolean", ["get", "estimated"], false], "≈", ""], ["to-string", ["coalesce", ["get", "point_count_abbreviated"], ["get", "point_count"]]]], "text-font": FONT_BOLD, "text-size": 14, "text-allow-overlap": true }, paint: { "text-color": colours["on-town"] } },
  ];
}

/** Layers of contributions that one can point at, of the sources that the map has. */
export const POINTED = ["points", "groups", "lines", "areas"];

function streetWidth(factor, extra) {
  const wide = ["match", ["get", "kind"], ["motorway", "trunk", "primary"], 1.7, ["secondary", "tertiary"], 1.35, ["footway", "path", "steps", "track", "cycleway", "pedestrian"], 0.45, 1];
  return ["interpolate", ["exponential", 1.6], ["zoom"], 10, ["+", ["*", wide, 0.5 * factor], 0], 13, ["+", ["*", wide, 1.6 * factor], extra], 16, ["+", ["*", wide, 7 * factor], extra * 1.5], 19, ["+", ["*", wide, 26 * factor], extra * 2]];
}

function baseLayers(tone) {
  const ground = (id, kind, paint, more = {}) => ({ id, type: "fill", source: "ground", "source-layer": "ground", filter: ["==", ["get", "kind"], kind], paint, ...more });
  return [
    { id: "land", type: "background", paint: { "background-color": tone.land } },
    ground("parks", "park", { "fill-color": tone.park }),
    ground("water", "water", { "fill-color": tone.water }),
    ground("buildings", "building", { "fill-color": tone.building, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13.5, 0, 15, 1] }, { minzoom: 13.5 }),
    { id: "street-casing", type: "line", source: "streets", "source-layer": "streets", minzoom: 13, layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": tone.casing, "line-width": streetWidth(1, 1.6) } },
    { id: "streets", type: "line", source: "streets", "source-layer": "streets", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": ["interpolate", ["linear"], ["zoom"], 11, tone.casing, 13.5, tone.street], "line-width": streetWidth(1, 0) } },
    { id: "district-lines", type: "line", source: "districts", "source-layer": "districts", paint: { "line-color": tone.district, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.8, 15, 1.8], "line-dasharray": [4, 2.5], "line-opacity": 0.75 } },
    { id: "street-names", type: "symbol", source: "streets", "source-layer": "streets", minzoom: 14, layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": ["interpolate", ["linear"], ["zoom"], 14, 11, 18, 15], "symbol-spacing": 320, "text-padding": 6 }, paint: { "text-color": tone.label, "text-halo-color": tone.halo, "text-halo-width": 1.6 } },
    { id: "ground-names", type: "symbol", source: "ground", "source-layer": "ground", minzoom: 14.5, filter: ["all", ["has", "name"], ["!=", ["get", "name"], ""], ["!=", ["get", "kind"], "building"]], layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-max-width": 8 }, paint: { "text-color": ["match", ["get", "kind"], "water", tone.waterLabel, tone.label], "text-halo-color": tone.halo, "text-halo-width": 1.4 } },
    { id: "district-names", type: "symbol", source: "district-names", "source-layer": "district-names", maxzoom: 15.5, filter: ["step", ["zoom"], ["==", ["get", "rank"], 0], 11.5, ["get", "is_smallest"]], layout: { "symbol-sort-key": ["-", ["get", "area_m2"]], "text-field": ["get", "name"], "text-font": FONT_BOLD, "text-size": ["interpolate", ["linear"], ["zoom"], 9, 11, 14, 16], "text-letter-spacing": 0.04, "text-max-width": 8, "text-padding": 12 }, paint: { "text-color": tone.label, "text-halo-color": tone.halo, "text-halo-width": 1.8 } },
  ];
}

/** Layers over the base: veil and outline of the target, shapes of the page, contributions. */
function frontLayers(tone, colours, also) {
  return [
    { id: "veil", type: "fill", source: "veil", paint: { "fill-color": tone.veil, "fill-opacity": tone.veilOpacity } },
    { id: "target-line", type: "line", source: "target", layout: { "line-join": "round" }, paint: { "line-color": colours.town, "line-width": 3, "line-dasharray": [2.2, 1.6] } },
    ...contributionLayers("contributions", colours, "contributions"),
    ...also.flatMap(({ layer }) => contributionLayers(layer, colours, layer)),
    ...contributionLayers("found", colours),
    { id: "place-area", type: "fill", source: "place", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colours.town, "fill-opacity": 0.22 } },
    { id: "place-line", type: "line", source: "place", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colours.town, "line-width": 5 } },
    { id: "place-point", type: "symbol", source: "place", filter: ["==", ["geometry-type"], "Point"], layout: { "icon-image": "gp-place", "icon-anchor": "bottom", "icon-allow-overlap": true } },
  ];
}

/** Address of the tiles of contributions, or of another layer, narrowed by a query of its filters. */
export function contributionTiles(settings, query, layer = "contributions") {
  const filters = new URLSearchParams(query || "").toString();
  return settings.tiles.replace("{layer}", layer) + (filters ? `?${filters}` : "");
}

/**
 * A whole MapLibre style. `settings` is the page's JSON block, `state` what the element holds: `contributions` (the
 * query of the tile layer, null to hide it), `also` (other tile layers of the same look: `layer`, `query`), and GeoJSON for `target`, `veil`, `found` and `place`.
 */
export function townStyle(settings, state, outside) {
  const tone = isDark() ? DARK : LIGHT;
  const colours = pageColours();
  const tiles = (layer, maxzoom) => ({ type: "vector", tiles: [settings.tiles.replace("{layer}", layer)], minzoom: 0, maxzoom });
  const geojson = (data, more = {}) => ({ type: "geojson", data: data || EMPTY, ...more });
  const sources = {
    ground: tiles("ground", 15), streets: tiles("streets", 15), districts: tiles("districts", 14), "district-names": tiles("district-names", 14),
    contributions: { ...tiles("contributions", 16), tiles: [contributionTiles(settings, state.contributions)], promoteId: "code" },
    target: geojson(state.target), veil: geojson(state.veil), place: geojson(state.place),
    found: geojson(state.found, { promoteId: "code" }),
  };
  for (const { layer, query } of state.also) sources[layer] = { ...tiles(layer, 16), tiles: [contributionTiles(settings, query, layer)], promoteId: "code" };
  const front = frontLayers(tone, colours, state.also).map((layer) =>
    layer.source === "contributions" && state.contributions === null ? { ...layer, layout: { ...layer.layout, visibility: "none" } } : layer,
  );
  if (outside) {
    const { ground, streets, districts, "district-names": names, ...ours } = sources;
    return { ...outside, sources: { ...outside.sources, ...ours }, layers: [...outside.layers, ...front.map((layer) => withFontOf(outside, layer))] };
  }
  return { version: 8, sources, layers: [...baseLayers(tone), ...front] };
}

/** An outside style brings its own fonts: our counts are written in the first one it uses. */
function withFontOf(outside, layer) {
  if (!layer.layout?.["text-font"]) return layer;
  const fonts = outside.layers.map((other) => other.layout?.["text-font"]).find((font) => Array.isArray(font) && typeof font[0] === "string" && font[0] !== "literal");
  return outside.glyphs && fonts ? { ...layer, layout: { ...layer.layout, "text-font": fonts } } : layer;
}

/** Draw the symbol `name` (colour and shape say the kind) as an image of 2 × pixel ratio. */
export function symbol(name) {
  const colours = pageColours();
  const size = name === "gp-place" ? [40, 48] : [28, 28];
  const ratio = 2;
  const canvas = document.createElement("canvas");
  canvas.width = size[0] * ratio;
  canvas.height = size[1] * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = colours.surface;
  pen.beginPath();
  const kind = name.slice(3);
  if (SHAPES[kind]) {
    for (const corner of SHAPES[kind].split(" ")) pen.lineTo(...corner.split(","));
    pen.closePath();
    pen.fillStyle = colours[kind];
  } else if (name === "gp-place") {
    pen.arc(20, 19, 15, Math.PI * 0.8, Math.PI * 0.2); pen.quadraticCurveTo(27, 38, 20, 46); pen.quadraticCurveTo(13, 38, 7.9, 27.800); pen.closePath();
    pen.fillStyle = colours.town;
  } else {
    pen.arc(14, 14, 11, 0, Math.PI * 2);
    pen.fillStyle = colours.proposal;
  }
  pen.fill();
  pen.stroke();
  if (!SHAPES[kind]) {
    pen.beginPath();
    pen.arc(size[0] / 2, name === "gp-place" ? 19 : 14, name === "gp-place" ? 5.5 : 3.5, 0, Math.PI * 2);
    pen.fillStyle = colours.surface;
    pen.fill();
  }
  return { image: pen.getImageData(0, 0, canvas.width, canvas.height), options: { pixelRatio: ratio } };
}
