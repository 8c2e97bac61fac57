// The targeting screen: parts as sentences, the map, the figures. The form is what is kept; this makes it quick.

import "gp/map";
import { TargetMap } from "gp/target-map";
import { Preview } from "gp/target-preview";
import { PartRows } from "gp/target-rows";
import { PlaceSearch } from "gp/target-search";

const LINE_BUFFER_M = 50;
const root = document.querySelector("[data-targeting]");
const settings = JSON.parse(document.getElementById("targeting-settings").textContent);
const { words } = settings;
const language = document.documentElement.lang;
const form = root.querySelector("[data-target-form]");
const result = root.querySelector("[data-result]");
const find = (selector) => root.querySelector(selector);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const inWords = (value, digits = 0) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
const status = find("[data-parts-status]");

for (const hidden of root.querySelectorAll("[data-without-script]")) hidden.hidden = true;
for (const shown of root.querySelectorAll("[data-with-script]")) shown.hidden = false;

// Parts -------------------------------------------------------------------------------------------------------------

const rows = new PartRows(find("[data-parts]"), find("[data-part-template]"), settings);
for (const row of rows.rows) {
  const { kind, reference, shape, named } = rows.part(row);
  if (kind === "shape" ? !shape : !reference && !named) row.remove();
  else rows.dress(row);
}

let states = [JSON.stringify(rows.parts)];
let at = 0;
let saved = find("[data-error-summary]") ? null : stateOfForm();
let leaving = false;

function stateOfForm() {
  return JSON.stringify([form.elements.name.value, rows.parts]);
}

/** Keep a step for undo, when anything is different. */
function commit() {
  const now = JSON.stringify(rows.parts);
  if (now !== states[at]) {
    states = [...states.slice(0, at + 1), now];
    at += 1;
  }
  refresh();
}

function go(step, said) {
  if (!states[at + step]) return;
  at += step;
  const focused = rows.rows.indexOf(document.activeElement.closest("[data-part]"));
  rows.restore(JSON.parse(states[at]));
  if (focused >= 0) (rows.rows[Math.min(focused, rows.rows.length - 1)]?.querySelector("summary") ?? find("#add-place")).focus();
  status.textContent = said;
  refresh();
}

/** Everything that follows from the parts. */
function refresh({ pause } = {}) {
  for (const row of rows.rows) rows.say(row);
  find("[data-parts-empty]").hidden = rows.rows.length > 0;
  find("[data-undo]").disabled = at === 0;
  find("[data-redo]").disabled = at === states.length - 1;
  noteUnsaved();
  preview.schedule(rows.parts, pause);
}

function add(part) {
  const row = rows.add(part, { open: true });
  status.textContent = fill(words.added, { what: row.querySelector("[data-words]").textContent });
  commit();
  row.scrollIntoView({ block: "nearest" });
  return row;
}

function remove(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  status.textContent = fill(words.removed, { what: row.querySelector("[data-words]").textContent });
  row.remove();
  commit();
  (next?.querySelector("summary") ?? find("#add-place")).focus();
}

rows.list.addEventListener("input", (event) => {
  rows.say(event.target.closest("[data-part]"));
  noteUnsaved();
  preview.schedule(rows.parts);
});
rows.list.addEventListener("change", commit);
rows.list.addEventListener("click", (event) => {
  if (event.target.closest("[data-remove]")) remove(event.target.closest("[data-part]"));
});
rows.list.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault(); // Enter in a number does not save
});
find("[data-undo]").addEventListener("click", () => go(-1, words.undone));
find("[data-redo]").addEventListener("click", () => go(1, words.redone));
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches("input[type=text], textarea")) return;
  const key = event.key.toLowerCase();
  if (key === "z" && !event.shiftKey) { event.preventDefault(); go(-1, words.undone); }
  else if (key === "y" || (key === "z" && event.shiftKey)) { event.preventDefault(); go(1, words.redone); }
});

// Adding ------------------------------------------------------------------------------------------------------------

new PlaceSearch(find("[data-target-search]"), {
  address: settings.search,
  words,
  pick({ type, id, label, detail, street_id, house_number }) {
    if (type === "district") add({ kind: "district", reference: String(id), named: label, where: detail });
    else if (type === "street") add({ kind: "street", reference: String(id), named: label, where: detail });
    else {
      const number = String(Number.parseInt(house_number, 10) || "");
      const named = label.replace(house_number, "").replace(/^[\s,]+|[\s,]+$/g, "");
      add({ kind: "street", reference: String(street_id), named, where: detail, number_from: number, number_to: number });
    }
  },
});

/** A click takes both sides, the next one the even side, then the odd one, then none. */
function cycleStreet({ id, name, locality }) {
  const row = rows.rows.find((candidate) => {
    const part = rows.part(candidate);
    return part.kind === "street" && part.reference === String(id) && part.operation === "include" && !part.number_from && !part.number_to;
  });
  if (!row) {
    add({ kind: "street", reference: String(id), named: name, where: locality });
    return;
  }
  const next = { both: "even", even: "odd" }[rows.part(row).side];
  if (!next) {
    row.remove();
    commit();
    return;
  }
  row.querySelector(`[name$="-side"][value="${next}"]`).checked = true;
  row.querySelector("details").open = true;
  rows.say(row);
  status.textContent = row.querySelector("[data-words]").textContent;
  commit();
}

function addShape(geometry) {
  const isArea = geometry.type.includes("Polygon");
  return add({ kind: "shape", shape: JSON.stringify(geometry), buffer_m: isArea ? "" : String(LINE_BUFFER_M) });
}

/** The geometries in pasted GeoJSON; one part each. */
function geometriesIn(object) {
  if (object?.type === "FeatureCollection") return (object.features ?? []).flatMap(geometriesIn);
  if (object?.type === "Feature") return geometriesIn(object.geometry);
  if (object?.type === "GeometryCollection") return (object.geometries ?? []).flatMap(geometriesIn);
  return object && typeof object === "object" && !Array.isArray(object) ? [object] : [];
}

const paste = find("[data-paste]");
const pasteOpener = find("[data-paste-open]");
pasteOpener.addEventListener("click", () => {
  paste.hidden = !paste.hidden;
  pasteOpener.setAttribute("aria-expanded", String(!paste.hidden));
  if (!paste.hidden) paste.querySelector("textarea").focus();
});

/** Ask the server about each shape before it becomes a part, so that what is wrong is told beside the text. */
async function takePasted() {
  const field = paste.querySelector("textarea");
  const fail = (text) => {
    const error = paste.querySelector("[data-paste-error]");
    error.textContent = text;
    error.hidden = !text;
    field.setAttribute("aria-invalid", String(Boolean(text)));
    if (text) field.focus();
  };
  let geometries;
  try {
    geometries = geometriesIn(JSON.parse(field.value));
  } catch {
    fail(words.not_json);
    return;
  }
  if (!geometries.length) {
    fail(words.no_shape);
    return;
  }
  const parts = geometries.map((shape) => ({ operation: "include", kind: "shape", shape, buffer_m: String(shape.type).includes("Polygon") ? 0 : LINE_BUFFER_M, ring_only: false }));
  const answer = await ask(parts).catch(() => null);
  if (!answer?.ok) {
    fail((await answer?.json().catch(() => null))?.detail ?? words.offline);
    return;
  }
  fail("");
  field.value = "";
  paste.hidden = true;
  pasteOpener.setAttribute("aria-expanded", "false");
  let row;
  for (const geometry of geometries) row = addShape(geometry);
  row.querySelector("summary").focus();
}
paste.querySelector("[data-paste-add]").addEventListener("click", takePasted);

function ask(parts) {
  return fetch(settings.preview, {
    method: "POST",
    body: JSON.stringify({ parts }),
    headers: { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": language, "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
  });
}

// Map ---------------------------------------------------------------------------------------------------------------

const drawButtons = [...root.querySelectorAll("[data-draw]")];
const map = new TargetMap(find("[data-target-map]"), {
  words,
  hint: find("[data-map-hint]"),
  takeStreet: cycleStreet,
  takeShape: addShape,
  stopped: () => drawButtons.forEach((button) => button.setAttribute("aria-pressed", "false")),
});
for (const button of drawButtons) {
  button.addEventListener("click", () => {
    const was = button.getAttribute("aria-pressed") === "true";
    map.stop();
    if (was) return;
    button.setAttribute("aria-pressed", "true");
    map.draw(button.dataset.draw);
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") map.stop();
});

// Figures -----------------------------------------------------------------------------------------------------------

let reached = null;

function areaInWords(area_m2) {
  if (area_m2 < 1e4) return `${inWords(area_m2)} m²`;
  return area_m2 < 1e6 ? `${inWords(area_m2 / 1e4, 1)} ha` : `${inWords(area_m2 / 1e6, 1)} km²`;
}

function tally(name, items, where) {
  if (!find(`[data-list="${name}"]`)) return;
  const count = new Intl.PluralRules(language).select(items.length) === "one" ? words[`${name}_one`] : words[`${name}_other`];
  find(`[data-count-of="${name}"]`).textContent = fill(count, { count: inWords(items.length) });
  find(`[data-list="${name}"]`).replaceChildren(...items.map((item) => {
    const line = document.createElement("li");
    const called = Object.assign(document.createElement("span"), { textContent: item.name });
    if (item[where]) called.append(" ", Object.assign(document.createElement("span"), { className: "soft", textContent: item[where] }));
    line.append(called, Object.assign(document.createElement("span"), { className: "tally-count", textContent: inWords(item.letterboxes) }));
    return line;
  }));
}

function showFigures(figures) {
  reached = figures;
  for (const place of root.querySelectorAll("[data-figure]")) {
    const value = figures[place.dataset.figure];
    place.textContent = place.dataset.figure === "area_m2" ? areaInWords(value) : inWords(value);
  }
  tally("streets", figures.streets, "locality");
  tally("districts", figures.districts, "level");
  find("[data-count]").hidden = false;
  find("[data-result-status]").textContent = fill(words.result, { letterboxes: inWords(figures.addresses), dwellings: inWords(figures.dwellings) });
  countRows();
}

const download = find("[data-download]");
function countRows() {
  if (!reached || !download) return;
  const deduplicate = download.elements.deduplicate.checked;
  const spare = download.elements.respect_no_flyers.checked;
  const { addresses, duplicates, no_flyers, listed } = reached;
  const count = deduplicate ? (spare ? listed : addresses - duplicates) : addresses - (spare ? no_flyers : 0);
  find("[data-download-count]").textContent = inWords(count);
}
download?.addEventListener("change", countRows);

const preview = new Preview({
  address: settings.preview,
  token: form.elements.csrfmiddlewaretoken.value,
  tell(state, answer) {
    result.dataset.state = state === "working" && !reached ? "first" : state;
    result.setAttribute("aria-busy", String(state === "working"));
    find("[data-result-error]").hidden = state !== "error" && !answer?.warning;
    if (state !== "working") rows.clearErrors();
    if (state === "empty") {
      reached = null;
      find("[data-count]").hidden = true;
      map.show(null);
    }
    if (state === "ready") {
      if (answer.warning) find("[data-result-error-text]").textContent = answer.warning;
      find("[data-retry]").hidden = true;
      showFigures(answer);
      map.show(answer, rows.parts.filter(({ kind }) => kind === "shape").map(({ shape }) => JSON.parse(shape)));
    }
    if (state === "error") {
      find("[data-result-error-text]").textContent = answer.offline ? words.offline : answer.detail || words.failed;
      find("[data-retry]").hidden = !answer.offline;
      const row = rows.rows[answer.part];
      if (row) {
        rows.showError(row, answer.detail);
        row.querySelector("details").open = true;
      }
    }
  },
});
find("[data-retry]").addEventListener("click", () => preview.retry());

// Keeping -----------------------------------------------------------------------------------------------------------

const draftKey = (key) => `gp-target-${key}`;

function keepDraft(draft) {
  try {
    if (draft) sessionStorage.setItem(draftKey(settings.key), JSON.stringify(draft));
    else sessionStorage.removeItem(draftKey(settings.key));
  } catch { /* a browser without storage keeps nothing */ }
}

function draftOf(key) {
  try {
    return JSON.parse(sessionStorage.getItem(draftKey(key)));
  } catch {
    return null;
  }
}

function noteUnsaved() {
  const isNew = settings.key === "new";
  const unsaved = stateOfForm() !== saved;
  find("[data-unsaved]").textContent = unsaved && (rows.rows.length || !isNew) ? words.unsaved : "";
  const blocked = isNew || unsaved;
  if (download) find("[data-save-first]").hidden = !blocked;
  for (const button of download?.querySelectorAll("button") ?? []) button.disabled = blocked;
  keepDraft(unsaved ? { name: form.elements.name.value, parts: rows.parts } : null);
}
form.elements.name.addEventListener("input", noteUnsaved);
form.addEventListener("submit", (event) => {
  const missing = !form.elements.name.value.trim();
  find("[data-name-missing]").hidden = !missing;
  form.elements.name.toggleAttribute("aria-invalid", missing);
  if (missing) {
    event.preventDefault();
    form.elements.name.focus();
    return;
  }
  rows.numberRows(form);
  leaving = true;
  keepDraft({ name: form.elements.name.value, parts: rows.parts, sent: true });
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving && stateOfForm() !== saved && rows.rows.length) event.preventDefault();
});
window.addEventListener("pageshow", () => { leaving = false; });

// A page of a saved target means that what was sent has arrived.
if (settings.key !== "new" && saved !== null) {
  for (const key of ["new", settings.key]) {
    if (draftOf(key)?.sent) sessionStorage.removeItem(draftKey(key));
  }
}
const draft = saved === null ? null : draftOf(settings.key);
if (draft && JSON.stringify([draft.name, draft.parts]) !== saved) {
  form.elements.name.value = draft.name;
  rows.restore(draft.parts);
  states.push(JSON.stringify(draft.parts));
  at = 1;
  status.textContent = words.restored;
}
refresh({ pause: 0 });
find("[data-error-summary]")?.focus();
