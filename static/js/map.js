// <gp-map>: the town map. The page works without it; it loads once it is on the screen, after the text.
//
// Attributes
//   contributions="QUERY"  show the tile layer of public contributions, narrowed by the API's filters
//   also="LAYER LAYER?QUERY" further tile layers, drawn and pointed at as contributions are
//   found="ID"             id of a JSON block with GeoJSON of a few contributions, shown instead
//   target="ID"            id of a JSON block with the GeoJSON of the target: dashed outline, veil around it
//   place="ID"             id of a JSON block with the GeoJSON of one place: a pin, a line or an area
//   bounds="w,s,e,n"       what to show first (else: place, target, the whole town)
//   kinds="KIND KIND …"    the kinds of contributions that the legend names (else ideas and comments)
//   no-legend              without the legend
// Properties and methods
//   map                    the MapLibre map, once there is one
//   ready                  promise of it, kept when the first picture is complete
//   setTarget(geojson), setPlace(geojson), setFound(geojson or null), setContributions(query, or null to hide them)
//   fitTo(geojson or [w, s, e, n]), light(code or null), bounds()
// Events (they bubble): gp-moved {bounds, byPerson}, gp-clicked {lon, lat, feature}, gp-lit {code}

import { boundsOf, veilAround } from "gp/map-geometry";
import { POINTED, contributionTiles, symbol, townStyle } from "gp/map-style";

const FEATURES_IN_TURN = 60;
const NAMED_AT_ONCE = 8;

function jsonBlock(id) {
  const block = id && document.getElementById(id);
  return block ? JSON.parse(block.textContent) : null;
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function loadStylesheet(href) {
  if ([...document.styleSheets].some((sheet) => sheet.href?.endsWith(href))) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const link = element("link", { rel: "stylesheet", href, onload: resolve, onerror: reject });
    document.head.prepend(link); // before our own, so that ours prevail
  });
}

const HOUSE = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M8 3H5a2 2 0 0 0-2 2v3m18 0V5a2 2 0 0 0-2-2h-3m0 18h3a2 2 0 0 0 2-2v-3M3 16v3a2 2 0 0 0 2 2h3"/></svg>';

export class GpMap extends HTMLElement {
  constructor() {
    super();
    this.map = null;
    this.ready = new Promise((resolve, reject) => { this._resolve = resolve; this._reject = reject; });
    this.ready.catch(() => {});
    this._state = { contributions: null, also: [], target: null, veil: null, place: null, found: null };
    this._lit = null;
  }

  connectedCallback() {
    if (this._watcher) return;
    this.settings = jsonBlock("map-settings");
    this._state.contributions = this.getAttribute("contributions");
    this._state.also = (this.getAttribute("also") || "").split(" ").filter(Boolean).map((name) => { const [layer, query] = name.split("?"); return { layer, query }; });
    this._state.found = jsonBlock(this.getAttribute("found"));
    this._state.target = jsonBlock(this.getAttribute("target"));
    this._state.veil = veilAround(this._state.target);
    this._state.place = jsonBlock(this.getAttribute("place"));
    this._watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this._watcher.disconnect();
      const start = () => this._start().catch((error) => this._fail(error));
      if (document.readyState === "complete") start();
      else window.addEventListener("load", start, { once: true });
    });
    this._watcher.observe(this);
  }

  _fail(error) {
    console.error(error);
    this.querySelector(".map-canvas")?.remove();
    this.replaceChildren(element("p", { textContent: this.settings.words.failed }));
    this.toggleAttribute("failed", true);
    this._reject(error);
  }

  async _start() {
    const { words, stylesheet, worker, extent, basemap } = this.settings;
    const status = element("p", { className: "map-status", textContent: words.loading });
    status.setAttribute("role", "status");
    this.append(status);
    const [maplibre, outside] = await Promise.all([
      import("maplibre-gl"),
      basemap ? fetch(basemap).then((answer) => answer.json()) : null,
      loadStylesheet(stylesheet),
      document.fonts.load('400 24px "Atkinson Hyperlegible"'),
      document.fonts.load('700 24px "Atkinson Hyperlegible"'),
    ]);
    this._maplibre = maplibre;
    this._outside = outside;
    maplibre.setWorkerUrl(new URL(worker, location.href).href);
    const canvas = element("div", { className: "map-canvas" });
    this.replaceChildren(canvas, status);
    this.map = new maplibre.Map({
      container: canvas,
      style: townStyle(this.settings, this._state, outside),
      bounds: this._firstBounds() || extent,
      fitBoundsOptions: { padding: 48, maxZoom: 17 },
      minZoom: 7, maxZoom: 20, dragRotate: false, pitchWithRotate: false, rollEnabled: false,
      attributionControl: { compact: false, customAttribution: this._attribution() },
      locale: { "Map.Title": words.map, "AttributionControl.ToggleAttribution": words.attribution, "Popup.Close": words.close },
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibre.ScaleControl({ unit: "metric" }), "bottom-left");
    this.map.setMissingStyleImageResolver(async (id) => this._addSymbol(id));
    this.map.on("error", ({ error }) => console.warn(error?.message || error));
    this.map.once("idle", () => { status.textContent = ""; this._resolve(this.map); });
    this.map.on("idle", () => this._listItems());
    this._watchMoves(canvas);
    this._pointing();
    this._controls();
    this._legend();
    const redraw = () => this.map.setStyle(townStyle(this.settings, this._state, this._outside), { diff: false });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    document.addEventListener("gp-theme", redraw);
  }

  /** Tell of each move when it ends, and whether a person made it: the list follows people, not the page's own moves. */
  _watchMoves(canvas) {
    let byPerson = false;
    for (const type of ["wheel", "pointerdown", "keydown", "dblclick"]) canvas.addEventListener(type, () => { byPerson = true; }, { capture: true, passive: true });
    this.map.on("moveend", (event) => {
      this._say("gp-moved", { bounds: this.bounds(), byPerson: byPerson || Boolean(event.byPerson) });
      byPerson = false;
    });
  }

  _attribution() {
    return this.settings.attribution || undefined;
  }

  _addSymbol(id) {
    if (!id.startsWith("gp-") || this.map.hasImage(id)) return;
    const { image, options } = symbol(id);
    this.map.addImage(id, image, options);
  }

  _firstBounds() {
    const written = this.getAttribute("bounds")?.split(",").map(Number);
    return written?.length === 4 && written.every(Number.isFinite) ? written : boundsOf(this._state.place) || boundsOf(this._state.found) || boundsOf(this._state.target);
  }

  _say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  // What the page may change -------------------------------------------------------------------------------------

  setTarget(geojson) {
    this._state.target = geojson;
    this._state.veil = veilAround(geojson);
    this._setData("target", geojson);
    this._setData("veil", this._state.veil);
  }

  setPlace(geojson) {
    this._state.place = geojson;
    this._setData("place", geojson);
  }

  setFound(geojson) {
    this._state.found = geojson;
    this._setData("found", geojson);
  }

  setContributions(query) {
    if (query === this._state.contributions) return;
    const wasShown = this._state.contributions !== null;
    this._state.contributions = query;
    const source = this.map?.getSource("contributions");
    if (!source) return;
    if (query !== null) source.setTiles([contributionTiles(this.settings, query)]);
    if (wasShown === (query !== null)) return;
    for (const { id, source: of } of this.map.getStyle().layers) {
      if (of === "contributions") this.map.setLayoutProperty(id, "visibility", query !== null ? "visible" : "none");
    }
  }

  /** Say a line over the map, or nothing. */
  hint(text) {
    const line = this.querySelector(".map-status");
    if (line) line.textContent = text;
  }

  _setData(source, geojson) {
    this.map?.getSource(source)?.setData(geojson || { type: "FeatureCollection", features: [] });
  }

  fitTo(where, options = {}) {
    const bounds = Array.isArray(where) ? where : boundsOf(where);
    if (!bounds) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.ready.then((map) => map.fitBounds(bounds, { padding: 56, maxZoom: 17, animate: !still, ...options })).catch(() => {});
  }

  /** [west, south, east, north] in view, degrees. */
  bounds() {
    return this.map.getBounds().toArray().flat();
  }

  /** Light the shape of one contribution (by its code), or none. */
  light(code) {
    if (!this.map?.isStyleLoaded?.() || code === this._lit) return;
    for (const source of this._sources()) {
      const sourceLayer = source === "found" ? undefined : source;
      if (!this.map.getSource(source)) continue;
      if (this._lit) this.map.setFeatureState({ source, sourceLayer, id: this._lit }, { lit: false });
      if (code) this.map.setFeatureState({ source, sourceLayer, id: code }, { lit: true });
    }
    this._lit = code;
  }

  // Pointing at contributions ------------------------------------------------------------------------------------

  /** Sources of what can be pointed at. */
  _sources() {
    return ["contributions", "found", ...this._state.also.map(({ layer }) => layer)];
  }

  _pointedLayers() {
    return this._sources().flatMap((source) => POINTED.map((part) => `${source}-${part}`)).filter((id) => this.map.getLayer(id));
  }

  _contributionsAt(point) {
    const near = [[point.x - 6, point.y - 6], [point.x + 6, point.y + 6]];
    return this.map.queryRenderedFeatures(near, { layers: this._pointedLayers() });
  }

  _pointing() {
    this.map.on("mousemove", ({ point }) => {
      if (this.hasAttribute("drawing")) return;
      const [feature] = this._contributionsAt(point);
      this.map.getCanvas().style.cursor = feature ? "pointer" : "";
      const code = feature?.properties.code ?? null;
      if (code !== this._lit) this._say("gp-lit", { code });
      this.light(code);
    });
    this.map.on("click", ({ point, lngLat }) => {
      const feature = this.hasAttribute("drawing") ? null : this._contributionsAt(point)[0];
      this._say("gp-clicked", { lon: lngLat.lng, lat: lngLat.lat, feature: feature ?? null, point });
      if (!feature) return;
      if (feature.properties.point_count > 1) this._open(feature);
      else this._popup(this._contributionsAt(point), lngLat);
    });
  }

  async _open(group) {
    const centre = group.geometry.coordinates;
    let zoom = this.map.getZoom() + 2;
    if (group.source === "found") zoom = await this.map.getSource("found").getClusterExpansionZoom(group.properties.cluster_id);
    this.map.easeTo({ center: centre, zoom: Math.min(zoom, 19) }, { byPerson: true });
  }

  _label({ properties }) {
    return properties.title || this.settings.words.read;
  }

  /** Name what lies here: the one that was pointed at, and where it is an area the others that share it. */
  _popup(features, lngLat) {
    const { geometry } = features[0];
    const alone = new Map(features.filter(({ properties }) => properties.code && !(properties.point_count > 1)).map((feature) => [feature.properties.code, feature]));
    const named = geometry.type === "Point" ? [features[0]] : [...alone.values()].slice(0, NAMED_AT_ONCE);
    const entries = named.flatMap((feature) => [
      element("span", { className: `kind kind-${feature.properties.kind}` }, element("span", { className: "kind-mark" }), this.settings.words[feature.properties.kind] ?? ""),
      element("a", { href: this._address(feature.properties), textContent: this._label(feature) }),
    ]);
    this._shown?.remove();
    this._shown = new this._maplibre.Popup({ offset: 14, maxWidth: "20rem" })
      .setLngLat(geometry.type === "Point" ? geometry.coordinates : lngLat)
      .setDOMContent(element("div", { className: "map-popup" }, ...entries))
      .addTo(this.map);
  }

  _address(properties) {
    const page = properties.kind === "meeting" ? this.settings.meeting : this.settings.contribution;
    return properties.url || page.replace("00000000-0000-0000-0000-000000000000", properties.code);
  }

  /** Mirror the contributions in view as links, so that Tab goes through them and Escape leads back to the list. */
  _listItems() {
    const seen = new Map();
    for (const feature of this.map.queryRenderedFeatures({ layers: this._pointedLayers() })) {
      const { code, point_count: count } = feature.properties;
      const key = count > 1 ? `group ${feature.geometry.coordinates}` : code;
      if (key && !seen.has(key)) seen.set(key, feature);
      if (seen.size === FEATURES_IN_TURN) break;
    }
    const keys = [...seen.keys()].join("|");
    if (keys === this._listed) return;
    this._listed = keys;
    this._items ??= this._makeItems();
    const hadFocus = this._items.contains(document.activeElement);
    this._items.replaceChildren(...[...seen.values()].map((feature) => this._item(feature)));
    this._items.hidden = !seen.size;
    if (hadFocus) this._items.querySelector("a")?.focus();
  }

  _makeItems() {
    const list = element("ul", { className: "map-items" });
    list.setAttribute("aria-label", this.settings.words.items);
    list.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      (document.querySelector("[data-items] a") ?? document.querySelector("#panel .card-link, #main a") ?? this.map.getCanvas()).focus();
    });
    this.querySelector(".map-canvas").after(list); // next after the map for Tab
    return list;
  }

  _item(feature) {
    const { words } = this.settings;
    const { properties, geometry } = feature;
    const group = properties.point_count > 1;
    const mark = element("span", { className: "kind-mark" });
    const link = element("a", { href: group ? "#map-pane" : this._address(properties) });
    if (group) link.textContent = words.group.replace("{count}", properties.point_count);
    else link.append(element("span", { className: `kind kind-${properties.kind}` }, mark, `${words[properties.kind] ?? ""}`), element("span", { textContent: this._label(feature) }));
    link.addEventListener("focus", () => {
      if (!group) { this.light(properties.code); this._say("gp-lit", { code: properties.code }); }
    });
    link.addEventListener("blur", () => this.light(null));
    if (group) link.addEventListener("click", (event) => { event.preventDefault(); this._open(feature); });
    return element("li", {}, link);
  }

  // Furniture ----------------------------------------------------------------------------------------------------

  _controls() {
    const { words, extent } = this.settings;
    const button = (text, label, act) => {
      const made = element("button", { type: "button", onclick: act, title: label });
      made.setAttribute("aria-label", label);
      made.innerHTML = text;
      return made;
    };
    const box = element("div", { className: "map-controls" },
      button("+", words.zoom_in, () => this.map.zoomIn({}, { byPerson: true })),
      button("−", words.zoom_out, () => this.map.zoomOut({}, { byPerson: true })),
      button(HOUSE, words.whole_town, () => this.map.fitBounds(extent, { padding: 32 }, { byPerson: true })),
    );
    this.append(box);
  }

  _legend() {
    if (this.hasAttribute("no-legend")) return;
    const { words } = this.settings;
    const rows = [];
    for (const kind of (this.getAttribute("kinds") || "proposal comment").split(" ")) {
      rows.push(element("li", { className: `kind-${kind}` }, element("span", { className: "kind-mark" }), words[kind]));
    }
    rows.push(element("li", {}, element("span", { className: "legend-group", textContent: "5" }), words.several));
    if (this._state.target) rows.push(element("li", {}, element("span", { className: "legend-target" }), words.target));
    this.append(element("section", { className: "map-legend", ariaLabel: words.legend }, element("ul", {}, ...rows)));
  }
}

customElements.define("gp-map", GpMap);
