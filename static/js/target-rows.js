// The parts of a target as rows of a form: the form is the one place where they are kept, with or without this script.

const TEXT = ["kind", "named", "reference", "number_from", "number_to", "shape", "buffer_m"];
const CHOICE = ["operation", "side"];
export const EMPTY_PART = { operation: "include", kind: "street", named: "", reference: "", side: "both", number_from: "", number_to: "", shape: "", buffer_m: "", ring_only: false, where: "" };

const number = (text) => (text === "" ? null : Number(text));
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A part in words, put together as `neighbourhoods.target_words` does on the server. */
export function sentence(part, pieces, language) {
  const words = [nameOf(part, pieces)];
  if (part.kind === "street") {
    if (part.side !== "both") words.push(pieces[part.side]);
    const [first, last] = [number(part.number_from), number(part.number_to)];
    if (first !== null && first === last) words.push(fill(pieces.number, { number: first }));
    else if (first !== null && last !== null) words.push(fill(pieces.range, { first, last }));
    else if (first !== null) words.push(fill(pieces.from, { first }));
    else if (last !== null) words.push(fill(pieces.to, { last }));
  }
  let said = words.join(" · ");
  if (Number(part.buffer_m) > 0) {
    const metres = new Intl.NumberFormat(language).format(Number(part.buffer_m));
    said = part.ring_only ? fill(pieces.ring, { metres, what: said }) : `${said} · ${fill(pieces.buffer, { metres })}`;
  }
  return part.operation === "exclude" ? fill(pieces.except, { what: said }) : said;
}

function nameOf(part, pieces) {
  if (part.kind !== "shape") return part.named;
  if (part.shape.includes("Polygon")) return pieces.polygon;
  return part.shape.includes("Line") ? pieces.line : pieces.point;
}

/** A part as the API writes it. Throws a SyntaxError for a shape that is not JSON. */
export function written(part) {
  const json = { operation: part.operation, kind: part.kind, buffer_m: number(part.buffer_m) ?? 0, ring_only: part.ring_only };
  if (part.kind === "shape") json.shape = JSON.parse(part.shape);
  else json[part.kind] = Number(part.reference);
  if (part.kind === "street") Object.assign(json, { side: part.side, number_from: number(part.number_from), number_to: number(part.number_to) });
  return json;
}

export class PartRows {
  constructor(list, template, settings) {
    this.list = list;
    this.template = template;
    this.settings = settings;
    this.language = document.documentElement.lang;
    this.made = 1000; // numbers of new rows; all are numbered anew before the form is sent
  }

  get rows() {
    return [...this.list.children];
  }

  part(row) {
    const part = {};
    for (const name of TEXT) part[name] = row.querySelector(`[name$="-${name}"]`).value.trim();
    for (const name of CHOICE) part[name] = row.querySelector(`[name$="-${name}"]:checked`)?.value ?? EMPTY_PART[name];
    part.ring_only = row.querySelector('[name$="-ring_only"]').checked;
    part.where = row.querySelector("[data-where]").textContent;
    return part;
  }

  get parts() {
    return this.rows.map((row) => this.part(row));
  }

  add(values, { open = false } = {}) {
    const part = { ...EMPTY_PART, ...values };
    const holder = document.createElement("ol");
    holder.innerHTML = this.template.innerHTML.replaceAll("__prefix__", String(this.made++)); // the page's own template
    const row = holder.firstElementChild;
    for (const name of TEXT) row.querySelector(`[name$="-${name}"]`).value = part[name] ?? "";
    for (const name of CHOICE) row.querySelector(`[name$="-${name}"][value="${part[name]}"]`).checked = true;
    row.querySelector('[name$="-ring_only"]').checked = part.ring_only;
    row.querySelector("[data-where]").textContent = part.where ?? "";
    this.list.append(row);
    this.dress(row, open);
    return row;
  }

  /** Show what the script needs, hide what only a page without it needs. */
  dress(row, open = false) {
    for (const hidden of row.querySelectorAll("[data-without-script]")) hidden.hidden = true;
    for (const shown of row.querySelectorAll("[data-with-script]")) shown.hidden = false;
    const details = row.querySelector("details");
    details.name = "part"; // one is open at a time
    details.open = open || Boolean(row.querySelector(".errorlist:not([hidden]) li"));
    this.say(row);
  }

  /** Write the sentence of a row, and show the fields that its kind has. */
  say(row) {
    const part = this.part(row);
    row.dataset.kind = part.kind;
    row.dataset.operation = part.operation;
    row.querySelector("[data-words]").textContent = sentence(part, this.settings.pieces, this.language);
    const ring = row.querySelector(".part-ring");
    ring.hidden = !(Number(part.buffer_m) > 0);
    if (ring.hidden) ring.querySelector("input").checked = false;
  }

  showError(row, text) {
    const list = row.querySelector("[data-part-error]");
    list.replaceChildren();
    list.hidden = !text;
    row.toggleAttribute("data-invalid", Boolean(text));
    if (!text) return;
    const item = document.createElement("li");
    item.textContent = text;
    list.append(item);
  }

  clearErrors() {
    for (const row of this.rows) this.showError(row, "");
  }

  restore(parts) {
    const open = this.rows.findIndex((row) => row.querySelector("details").open);
    this.list.replaceChildren();
    parts.forEach((part, at) => this.add(part, { open: at === open }));
  }

  /** Number the rows as Django's formset expects: 0, 1, 2 …; in two passes, or groups of radio buttons would meet. */
  numberRows(form) {
    const rename = (row, to) => {
      for (const field of row.querySelectorAll("[name^='part-']")) field.name = field.name.replace(/^part-[^-]+-/, `part-${to}-`);
    };
    this.rows.forEach((row, at) => rename(row, `moving${at}`));
    this.rows.forEach((row, at) => rename(row, at));
    form.elements["part-TOTAL_FORMS"].value = this.rows.length;
    form.elements["part-INITIAL_FORMS"].value = 0;
  }
}
