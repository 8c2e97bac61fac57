// Saying where something is: by typing (gp/search), by pointing or drawing on the page's map, or by one's position.
// The root holds the fields and buttons of one place; several of them share the map, one at a time draws on it.
// Events on the root: gp-picked {geometry or null, bbox} after each change, by whichever way.

const onPhone = matchMedia("(max-width: 899.98px)");
const showMap = (shown) => { if (onPhone.matches) document.querySelector(shown ? "[data-map-open]" : "[data-map-close]")?.click(); };

/** Drawing on the page's map: one tool in the hands of one picker. */
export class Drawing {
  constructor(map, words) {
    this.map = map;
    this.words = words;
    this.holder = null;
    this.tool = null;
    document.addEventListener("gp-clicked", ({ detail }) => { if (this.tool === "point") this.pin(detail.lon, detail.lat); });
    // By keyboard: the arrows move the map under the cross in its middle, Enter sets the pin there.
    map.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || this.tool !== "point" || !event.target.closest(".maplibregl-canvas")) return;
      event.preventDefault();
      const { lng, lat } = map.map.getCenter();
      const holder = this.holder;
      this.pin(lng, lat);
      holder.field.text.focus();
    });
  }

  pin(lon, lat) {
    this.end({ type: "Point", coordinates: [Number(lon.toFixed(7)), Number(lat.toFixed(7))] });
  }

  async load() {
    if (this.draw) return this.draw;
    const shown = await this.map.ready;
    const [terra, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import("terra-draw"), import("terra-draw-maplibre-gl-adapter")]);
    const colour = "#" + getComputedStyle(document.documentElement).getPropertyValue("--town").trim().replace("#", "");
    const line = { lineStringColor: colour, lineStringWidth: 5, closingPointColor: colour, closingPointWidth: 8 };
    const area = { fillColor: colour, fillOpacity: 0.2, outlineColor: colour, outlineWidth: 3, closingPointColor: colour, closingPointWidth: 8 };
    this.draw = new terra.TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: shown, coordinatePrecision: 7 }),
      modes: [new terra.TerraDrawLineStringMode({ styles: line }), new terra.TerraDrawPolygonMode({ styles: area })],
    });
    this.draw.start();
    this.draw.setMode("static");
    this.draw.on("finish", (id) => {
      const { geometry } = this.draw.getSnapshotFeature(id);
      this.draw.setMode("static");
      this.draw.clear();
      this.end(geometry);
    });
    return this.draw;
  }

  /** Take a tool for a picker, or lay it down when it has it already. */
  async use(picker, tool) {
    const again = this.holder === picker && this.tool === tool;
    showMap(!again);
    (await this.load()).clear();
    this.draw.setMode("static");
    this.hold(again ? null : picker, again ? null : tool);
    if (again) return;
    if (tool !== "point") this.draw.setMode(tool);
    this.map.map.getCanvas().focus({ preventScroll: true });
  }

  hold(picker, tool) {
    this.holder?.press(null);
    [this.holder, this.tool] = [picker, tool];
    picker?.press(tool);
    this.map.toggleAttribute("drawing", Boolean(tool));
    this.map.hint(tool ? this.words[tool] : "");
  }

  end(geometry) {
    const { holder } = this;
    this.hold(null, null);
    holder.help.textContent = this.words.done;
    holder.take(geometry);
    showMap(false);
  }
}

export class PlacePicker {
  constructor(root, words, drawing) {
    this.root = root;
    this.words = words;
    this.drawing = drawing;
    this.field = { text: root.querySelector("[data-place-field]"), place: root.querySelector("[data-place]"), geometry: root.querySelector("[data-geometry]") };
    this.said = root.querySelector("[data-place-words]");
    this.help = root.querySelector("[data-draw-help]");
    this.away = root.querySelector("[data-clear-place]");
    this.tools = [...root.querySelectorAll("[data-tool]")];
    root.addEventListener("gp-place", ({ detail }) => this.choose(detail));
    this.field.text.addEventListener("input", () => {
      if (this.field.place) this.field.place.value = "";
      if (this.field.geometry.value) this.take(null);
      else this.changed(null);
    });
    if (drawing) this.offerMap();
  }

  /** The geometry drawn, or null. */
  get geometry() {
    try { return JSON.parse(this.field.geometry.value); } catch { return null; }
  }

  say(text) { this.said.textContent = text; }

  press(tool) {
    for (const button of this.tools) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    this.help.textContent = tool ? this.words[tool] : "";
  }

  changed(geometry, bbox = null) {
    this.root.dispatchEvent(new CustomEvent("gp-picked", { bubbles: true, detail: { geometry, bbox, picker: this } }));
  }

  take(geometry) {
    this.field.geometry.value = geometry ? JSON.stringify(geometry) : "";
    if (geometry && this.field.place) this.field.place.value = "";
    this.away.hidden = !geometry && !this.field.place?.value;
    this.changed(geometry);
    if (geometry) this.nameIt(geometry);
    else this.say("");
  }

  choose({ type, id, label, detail, lon, lat, bbox }) {
    if (this.field.place) this.field.place.value = `${type}:${id}`;
    this.field.geometry.value = "";
    this.away.hidden = false;
    this.say(this.words.here.replace("{place}", [label, detail].filter(Boolean).join(" · ")));
    this.changed(type === "address" && lon !== null ? { type: "Point", coordinates: [lon, lat] } : null, bbox);
  }

  async nameIt(geometry) {
    if (geometry.type !== "Point") { this.say(this.words.drawn); return; }
    const [lon, lat] = geometry.coordinates;
    this.say(this.words.looking);
    try {
      const answer = await fetch(`/api/v1/places/locate?lon=${lon}&lat=${lat}`, { headers: { Accept: "application/json" } });
      const place = await answer.json();
      if (!answer.ok) { this.say(""); return; }
      if (!place.inside) { this.say(this.words.outside); return; }
      const street = place.street?.name || "";
      const district = place.districts.at(-1)?.name || "";
      this.say(this.words.here.replace("{place}", [street, district].filter(Boolean).join(" · ")));
    } catch { this.say(""); }
  }

  offerMap() {
    this.root.querySelector("[data-draw]").hidden = false;
    for (const button of this.tools) button.addEventListener("click", () => this.drawing.use(this, button.dataset.tool));
    this.root.querySelector("[data-here]")?.addEventListener("click", () => {
      this.help.textContent = this.words.locating;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => { this.pin(coords.longitude, coords.latitude); },
        () => { this.help.textContent = this.words.no_position; },
        { enableHighAccuracy: true, timeout: 15000 },
      );
    });
    this.away.addEventListener("click", () => {
      if (this.field.place) this.field.place.value = "";
      this.field.text.value = "";
      this.help.textContent = "";
      this.take(null);
    });
    if (this.field.geometry.value) this.take(this.geometry);
  }

  /** Put it at a position that one did not point at, and show that. */
  pin(lon, lat) {
    this.drawing.hold(null, null);
    this.help.textContent = this.words.done;
    this.take({ type: "Point", coordinates: [Number(lon.toFixed(7)), Number(lat.toFixed(7))] });
    this.drawing.map.fitTo([lon, lat, lon, lat]);
  }
}
