// A field that suggests streets, addresses and districts while one types (ARIA combobox with a list).
// The form around it works without this. A choice is said by the event gp-place on the field, detail: the place found;
// a form with data-go opens the page of the place instead.

const WAIT_MS = 120;

export class PlaceSearch {
  constructor(form, field) {
    this.form = form;
    this.field = field;
    this.words = form.dataset;
    this.active = -1;
    this.found = [];
    this.list = Object.assign(document.createElement("ul"), { className: "suggestions", id: `${field.id}-list`, hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.dataset.wordsList || field.labels[0]?.textContent || "");
    this.said = Object.assign(document.createElement("span"), { className: "visually-hidden" });
    this.said.setAttribute("aria-live", "polite");
    const box = field.closest("[data-search-box]") || field.closest(".search-box");
    box.after(this.list, this.said);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) field.setAttribute(name, value);
    field.addEventListener("input", () => this.type());
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.index));
    });
    if (field === document.activeElement) this.type(); // somebody was quicker than this script
  }

  type() {
    clearTimeout(this.timer);
    this.asked?.abort();
    const text = this.field.value.trim();
    if (text.length < 2) { this.close(); return; }
    this.timer = setTimeout(() => this.ask(text), WAIT_MS);
  }

  async ask(text) {
    this.asked = new AbortController();
    try {
      const answer = await fetch(`${this.words.searchUrl}?${new URLSearchParams({ q: text, limit: "8" })}`, { signal: this.asked.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) { this.close(); return; }
      this.show((await answer.json()).results);
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // no connection: the plain form still works
    }
  }

  show(found) {
    this.found = found;
    this.active = -1;
    this.list.replaceChildren(...(found.length ? found.map((place, index) => this.option(place, index)) : [this.none()]));
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", String(found.length > 0));
    this.field.removeAttribute("aria-activedescendant");
    this.said.textContent = found.length ? this.words.wordsFound.replace("{count}", found.length) : this.words.wordsNone;
  }

  option(place, index) {
    const item = Object.assign(document.createElement("li"), { id: `${this.list.id}-${index}` });
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.index = index;
    const kind = this.words[`words${place.type[0].toUpperCase()}${place.type.slice(1)}`] || place.type;
    const where = Object.assign(document.createElement("span"), { className: "soft", textContent: [kind, place.detail].filter(Boolean).join(" · ") });
    const words = document.createElement("span");
    words.append(place.label, where);
    item.append(words);
    return item;
  }

  none() {
    const item = Object.assign(document.createElement("li"), { className: "none", textContent: this.words.wordsNone });
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.setAttribute("aria-selected", "false");
    return item;
  }

  key(event) {
    if (this.list.hidden || !this.found.length) return;
    const last = this.found.length - 1;
    if (event.key === "ArrowDown") this.move(this.active >= last ? 0 : this.active + 1);
    else if (event.key === "ArrowUp") this.move(this.active <= 0 ? last : this.active - 1);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  move(index) {
    this.active = index;
    for (const [number, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(number === index));
    this.list.children[index].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", this.list.children[index].id);
  }

  choose(index) {
    const place = this.found[index];
    if (!place) return;
    this.field.value = place.label;
    this.close();
    this.field.dispatchEvent(new CustomEvent("gp-place", { bubbles: true, detail: place }));
    if ("go" in this.form.dataset) location.assign(`${this.form.action}?${new URLSearchParams({ q: place.label, place: `${place.type}:${place.id}` })}`);
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}

for (const form of document.querySelectorAll("[data-place-search]")) new PlaceSearch(form, form.querySelector("input[type=search], [data-place-field]"));
