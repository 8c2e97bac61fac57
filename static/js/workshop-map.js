// The notes on the map: a round mark for each (one's own point is square and can be dragged), and the lines and areas.

/** Where the mark of a geometry stands: a point of a line, near the middle of its first part; amid the corners of an area. */
function anchor({ type, coordinates, geometries }) {
  if (type === "Point") return coordinates;
  if (type === "GeometryCollection") return anchor(geometries[0]);
  if (type.startsWith("Multi")) return anchor({ type: type.slice(5), coordinates: coordinates[0] });
  if (type === "LineString") {
    const half = Math.floor((coordinates.length - 1) / 2);
    return [0, 1].map((axis) => (coordinates[half][axis] + coordinates[half + 1][axis]) / 2);
  }
  const corners = coordinates[0].slice(1);
  return [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
}

export class NoteMap {
  /** `moved(code, geometry)` when a person dragged a note, `chosen(code)` when one was clicked. */
  constructor(map, words, { moved, chosen }) {
    Object.assign(this, { map, words, moved, chosen, markers: new Map(), fitted: false });
  }

  /** Draw the notes (`[code, note]`), with their groups; `isMine(code)` may be dragged. */
  async show(notes, groups, isMine) {
    this.wanted = { notes, groups, isMine };
    if (this.starting) return;
    this.starting = true;
    try {
      const [shown, { Marker }] = await Promise.all([this.map.ready, import("maplibre-gl")]);
      this.draw(shown, Marker);
    } catch { /* the page reads well without a map */ }
    this.starting = false;
  }

  draw(shown, Marker) {
    const { notes, groups, isMine } = this.wanted;
    const present = new Set(notes.map(([code]) => code));
    for (const [code, marker] of this.markers) if (!present.has(code)) { marker.remove(); this.markers.delete(code); }
    for (const [code, note] of notes) {
      const at = anchor(note.geometry);
      let marker = this.markers.get(code);
      if (!marker) {
        marker = this.make(code, Marker).setLngLat(at).addTo(shown);
        this.markers.set(code, marker);
      }
      const button = marker.getElement();
      const group = groups[note.group];
      const mine = isMine(code) && note.geometry.type === "Point";
      if (!marker.isHeld) marker.setLngLat(at);
      if (marker.isDraggable() !== mine) marker.setDraggable(mine);
      button.textContent = group?.letter ?? "";
      if (group) button.dataset.colour = group.colour;
      else delete button.dataset.colour;
      button.classList.toggle("is-own", mine);
      button.setAttribute("aria-label", (mine ? this.words.drag : this.words.marker).replace("{text}", () => note.text));
      button.title = note.text;
    }
    const shapes = notes.filter(([, note]) => note.geometry.type !== "Point");
    this.map.setFound({
      type: "FeatureCollection",
      features: shapes.map(([code, note]) => ({ type: "Feature", properties: { code, kind: "proposal", title: note.text, url: `#note-${code}` }, geometry: note.geometry })),
    });
    if (!this.fitted && notes.length) {
      this.fitted = true;
      this.map.fitTo({ type: "FeatureCollection", features: notes.map(([, note]) => ({ type: "Feature", properties: {}, geometry: note.geometry })) }, { maxZoom: 16 });
    }
  }

  make(code, Marker) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "workshop-marker" });
    button.dataset.code = code;
    const marker = new Marker({ element: button });
    let dragged = false;
    marker.on("dragstart", () => { marker.isHeld = dragged = true; });
    marker.on("dragend", async () => {
      const { lng, lat } = marker.getLngLat();
      await this.moved(code, { type: "Point", coordinates: [Number(lng.toFixed(7)), Number(lat.toFixed(7))] });
      marker.isHeld = false;
      this.show(this.wanted.notes, this.wanted.groups, this.wanted.isMine);
    });
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      if (!dragged) this.chosen(code);
      dragged = false;
    });
    return marker;
  }
}
