// The map of the targeting screen: the resolved shape, each letterbox, streets that are taken by a click, drawing.

import { boundsOf } from "gp/map-geometry";
import { isDark, pageColours } from "gp/map-style";

const NEAR_PX = 9;
const EMPTY = { type: "FeatureCollection", features: [] };
const collection = (features) => ({ type: "FeatureCollection", features });

export class TargetMap {
  /** `takeStreet({id, name, locality})`, `takeShape(geometry)`, `stopped()` are told what happens. */
  constructor(element, { words, hint, takeStreet, takeShape, stopped }) {
    Object.assign(this, { element, words, hint, takeStreet, takeShape, stopped });
    this.letterboxes = EMPTY;
    this.shapes = EMPTY;
    this.byMap = false;
    this.idle = words.click_street;
    element.ready.then((map) => this.start(map)).catch(() => {});
  }

  start(map) {
    this.map = map;
    this.dress();
    map.on("style.load", () => this.dress()); // light and dark are two styles
    map.on("mousemove", ({ point }) => this.point(point));
    this.element.addEventListener("gp-clicked", ({ detail }) => this.click(detail));
    this.say(this.idle);
    map.once("idle", () => { this.element.dataset.ready = ""; }); // the streets that can be clicked are loaded
  }

  dress() {
    const { map } = this;
    if (map.getSource("target-letterboxes")) return;
    const { town, surface, soft, ink } = pageColours();
    if (!map.getSource("streets")) {
      map.addSource("streets", { type: "vector", tiles: [this.element.settings.tiles.replace("{layer}", "streets")], maxzoom: 16 });
    }
    map.addSource("target-letterboxes", { type: "geojson", data: this.letterboxes });
    map.addSource("target-shapes", { type: "geojson", data: this.shapes });
    const streets = { source: "streets", "source-layer": "streets", type: "line", layout: { "line-cap": "round", "line-join": "round" } };
    map.addLayer({ id: "target-fill", type: "fill", source: "target", paint: { "fill-color": town, "fill-opacity": isDark() ? 0.22 : 0.14 } }, "target-line");
    map.addLayer({ id: "target-street-hover", ...streets, filter: ["==", ["get", "id"], -1], paint: { "line-color": town, "line-width": 8, "line-opacity": 0.55 } });
    map.addLayer({ id: "target-street-hit", ...streets, paint: { "line-color": ink, "line-width": 14, "line-opacity": 0 } });
    map.addLayer({ id: "target-shape-lines", type: "line", source: "target-shapes", paint: { "line-color": ink, "line-width": 1.5, "line-opacity": 0.7 } });
    const size = (least) => ["interpolate", ["linear"], ["zoom"], 11, least, 14, least + 1.2, 17, least + 4];
    map.addLayer({
      id: "target-letterboxes", type: "circle", source: "target-letterboxes",
      paint: {
        "circle-radius": size(1.8),
        "circle-color": ["case", ["get", "no_flyers"], surface, town],
        "circle-stroke-color": ["case", ["get", "no_flyers"], soft, surface],
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 11, 0.4, 15, 1.5],
      },
    });
  }

  /** Show what the server worked out; move only when it lies out of view and was not made on the map itself. */
  show(result, shapes = []) {
    this.element.setTarget(result?.geometry ?? null);
    this.letterboxes = result?.letterboxes ?? EMPTY;
    this.shapes = collection(shapes.map((geometry) => ({ type: "Feature", properties: {}, geometry })));
    this.map?.getSource("target-letterboxes")?.setData(this.letterboxes);
    this.map?.getSource("target-shapes")?.setData(this.shapes);
    const shown = this.letterboxes.features.length;
    const isSample = Boolean(result?.letterboxes) && shown < result.addresses;
    const counts = [shown, result?.addresses ?? 0].map((count) => new Intl.NumberFormat(document.documentElement.lang).format(count));
    this.idle = isSample ? this.words.sample.replace("{shown}", counts[0]).replace("{count}", counts[1]) : this.words.click_street;
    if (this.map && !this.drawing) this.say(this.idle);
    const bounds = boundsOf(result?.geometry);
    if (bounds && !this.byMap && !this.inView(bounds)) this.element.fitTo(bounds, { padding: 40, maxZoom: 17 });
    this.byMap = false;
  }

  inView([west, south, east, north]) {
    if (!this.map) return false;
    const [w, s, e, n] = this.element.bounds();
    const isLarge = (east - west) * (north - south) > 0.02 * (e - w) * (n - s); // a dot on the map is not in view
    return west >= w && south >= s && east <= e && north <= n && isLarge;
  }

  streetAt({ x, y }) {
    const near = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]];
    return this.map.getLayer("target-street-hit") ? this.map.queryRenderedFeatures(near, { layers: ["target-street-hit"] })[0] : undefined;
  }

  point(point) {
    if (this.drawing) return;
    const street = this.streetAt(point);
    this.map.getCanvas().style.cursor = street ? "pointer" : "";
    const id = street?.properties.id ?? -1;
    if (id === this.hovered) return;
    this.hovered = id;
    this.map.setFilter("target-street-hover", ["==", ["get", "id"], id]);
    this.say(street ? `${street.properties.name} · ${this.words.click_street}` : this.idle);
  }

  click({ point }) {
    if (this.drawing || !point) return;
    const street = this.streetAt(point);
    if (!street) return;
    this.byMap = true;
    this.takeStreet(street.properties);
  }

  say(text) {
    this.hint.textContent = text;
    this.hint.hidden = !text;
  }

  // Drawing -------------------------------------------------------------------------------------------------------

  async draw(mode) {
    this.stop();
    this.element.scrollIntoView({ block: "nearest" });
    const map = await this.element.ready;
    const [{ TerraDraw, TerraDrawPolygonMode, TerraDrawLineStringMode }, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import("terra-draw"), import("terra-draw-maplibre-gl-adapter")]);
    const colour = hex(pageColours().town);
    const styles = { fillColor: colour, outlineColor: colour, lineStringColor: colour, closingPointColor: colour, fillOpacity: 0.2, outlineWidth: 3, lineStringWidth: 4, closingPointWidth: 6 };
    this.drawing = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 7 }),
      modes: [new TerraDrawPolygonMode({ styles, showCoordinatePoints: true }), new TerraDrawLineStringMode({ styles, showCoordinatePoints: true })],
    });
    this.element.toggleAttribute("drawing", true);
    this.drawing.start();
    this.drawing.setMode(mode);
    this.drawing.on("finish", (id) => {
      const geometry = this.drawing.getSnapshotFeature(id)?.geometry;
      setTimeout(() => this.stop()); // not while terra-draw still tells us
      if (!geometry) return;
      this.byMap = true;
      this.takeShape(geometry);
    });
    this.say(mode === "polygon" ? this.words.draw_polygon : this.words.draw_line);
  }

  stop() {
    if (!this.drawing) return;
    this.drawing.stop();
    this.drawing = null;
    this.element.toggleAttribute("drawing", false);
    this.say(this.idle);
    this.stopped();
  }
}

/** terra-draw takes #rrggbb only. */
function hex(rgb) {
  const [red, green, blue] = rgb.match(/[\d.]+/g).map((value, at) => Math.round(rgb.startsWith("color(") && at < 3 ? value * 255 : value));
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
