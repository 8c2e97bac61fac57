// Putting in an idea: the three steps work as a plain form; with this module one can point and draw on the map, see
// what the place is called, and leaves the page without losing what was typed.

import "gp/map-page";
import "htmx";
import "gp/search";
import { keepDraft, sendOnce, sendPhotos } from "gp/draft";

const form = document.querySelector("[data-contribute]");
const map = document.querySelector("gp-map");

if (form) {
  const words = JSON.parse(document.getElementById("draw-words").textContent);
  const field = { text: form.querySelector("[data-place-field]"), place: form.querySelector("[data-place]"), geometry: form.querySelector("[data-geometry]") };
  const said = form.querySelector("[data-place-words]");
  const help = form.querySelector("[data-draw-help]");
  const away = form.querySelector("[data-clear-place]");
  const tools = form.querySelectorAll("[data-tool]");
  const onPhone = matchMedia("(max-width: 899.98px)");
  let draw = null;

  document.querySelector("[data-error-summary]")?.focus();
  keepDraft(form, ["title", "body", "place_text", "place", "geometry"]);
  sendOnce(form);
  sendPhotos(form);

  const changed = () => form.dispatchEvent(new CustomEvent("gp-changed"));
  const say = (text) => { said.textContent = text; };

  function press(tool) {
    for (const button of tools) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    map.toggleAttribute("drawing", Boolean(tool));
  }

  function take(geometry) {
    field.geometry.value = geometry ? JSON.stringify(geometry) : "";
    if (geometry && field.place) field.place.value = "";
    away.hidden = !geometry && !field.place?.value;
    map.setPlace(geometry);
    changed();
    if (geometry) nameIt(geometry);
    else say("");
  }

  async function nameIt(geometry) {
    if (geometry.type !== "Point") { say(words.drawn); return; }
    const [lon, lat] = geometry.coordinates;
    say(words.looking);
    try {
      const answer = await fetch(`/api/v1/places/locate?lon=${lon}&lat=${lat}`, { headers: { Accept: "application/json" } });
      const place = await answer.json();
      if (!answer.ok) { say(""); return; }
      if (!place.inside) { say(words.outside); return; }
      const street = place.street?.name || "";
      const district = place.districts.at(-1)?.name || "";
      say(words.here.replace("{place}", [street, district].filter(Boolean).join(" · ")));
    } catch { say(""); }
  }

  async function drawing() {
    if (draw) return draw;
    const shown = await map.ready;
    const [terra, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import("terra-draw"), import("terra-draw-maplibre-gl-adapter")]);
    const colour = "#" + getComputedStyle(document.documentElement).getPropertyValue("--town").trim().replace("#", "");
    const line = { lineStringColor: colour, lineStringWidth: 5, closingPointColor: colour, closingPointWidth: 8 };
    const area = { fillColor: colour, fillOpacity: 0.2, outlineColor: colour, outlineWidth: 3, closingPointColor: colour, closingPointWidth: 8 };
    draw = new terra.TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: shown, coordinatePrecision: 7 }),
      modes: [new terra.TerraDrawLineStringMode({ styles: line }), new terra.TerraDrawPolygonMode({ styles: area })],
    });
    draw.start();
    draw.setMode("static");
    draw.on("finish", (id) => {
      const feature = draw.getSnapshotFeature(id);
      draw.setMode("static");
      draw.clear();
      press(null);
      help.textContent = words.done;
      map.hint("");
      take(feature.geometry);
      showMap(false);
    });
    return draw;
  }

  const showMap = (shown) => { if (onPhone.matches) document.querySelector(shown ? "[data-map-open]" : "[data-map-close]")?.click(); };

  async function use(tool) {
    const again = [...tools].some((button) => button.dataset.tool === tool && button.getAttribute("aria-pressed") === "true");
    (await drawing()).clear();
    draw.setMode("static");
    if (again) { press(null); help.textContent = ""; return; }
    press(tool);
    help.textContent = words[tool];
    map.hint(words[tool]);
    if (tool !== "point") draw.setMode(tool);
    showMap(true);
    map.map.getCanvas().focus({ preventScroll: true });
  }

  if (map) {
    form.querySelector("[data-draw]").hidden = false;
    for (const button of tools) button.addEventListener("click", () => (onPhone.matches ? showMap(true) : null, use(button.dataset.tool)));
    const pin = (lon, lat) => {
      press(null);
      help.textContent = words.done;
      map.hint("");
      take({ type: "Point", coordinates: [Number(lon.toFixed(7)), Number(lat.toFixed(7))] });
    };
    const isPinning = () => [...tools].some((button) => button.dataset.tool === "point" && button.getAttribute("aria-pressed") === "true");
    document.addEventListener("gp-clicked", ({ detail }) => {
      if (!isPinning()) return;
      pin(detail.lon, detail.lat);
      showMap(false);
    });
    // By keyboard: the arrows move the map under the cross in its middle, Enter sets the pin there.
    map.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !isPinning() || !event.target.closest(".maplibregl-canvas")) return;
      event.preventDefault();
      const { lng, lat } = map.map.getCenter();
      pin(lng, lat);
      showMap(false);
      field.text.focus();
    });
    form.querySelector("[data-here]").addEventListener("click", () => {
      help.textContent = words.locating;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => { pin(coords.longitude, coords.latitude); map.fitTo([coords.longitude, coords.latitude, coords.longitude, coords.latitude]); },
        () => { help.textContent = words.no_position; },
        { enableHighAccuracy: true, timeout: 15000 },
      );
    });
    form.addEventListener("gp-photo-place", ({ detail: [lon, lat] }) => { pin(lon, lat); map.fitTo([lon, lat, lon, lat]); });
    away.addEventListener("click", () => { if (field.place) field.place.value = ""; field.text.value = ""; help.textContent = ""; take(null); });
    if (field.geometry.value) {
      try { const kept = JSON.parse(field.geometry.value); take(kept); map.fitTo(kept); } catch { take(null); }
    }
  }

  form.addEventListener("gp-place", ({ detail }) => {
    if (field.place) field.place.value = `${detail.type}:${detail.id}`;
    field.geometry.value = "";
    away.hidden = false;
    say(words.here.replace("{place}", [detail.label, detail.detail].filter(Boolean).join(" · ")));
    map?.setPlace(detail.type === "address" && detail.lon !== null ? { type: "Point", coordinates: [detail.lon, detail.lat] } : null);
    if (detail.bbox) map?.fitTo(detail.bbox);
    changed();
  });
  field.text.addEventListener("input", () => {
    if (field.place) field.place.value = "";
    if (field.geometry.value) take(null);
  });

  // The preview shows the place as everybody will see it.
  document.addEventListener("htmx:after:swap", () => {
    const block = document.getElementById("preview-place");
    if (!block) return;
    const place = JSON.parse(block.textContent);
    map?.setPlace(place);
    map?.fitTo(place);
  });
}
