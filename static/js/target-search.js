// One field that finds streets, districts and addresses while one types (ARIA combobox with a list).

const PAUSE_MS = 160;
const LIMIT = 8;

export class PlaceSearch {
  constructor(root, { address, words, pick }) {
    Object.assign(this, { address, words, pick });
    this.input = root.querySelector("input");
    this.list = root.querySelector("[role=listbox]");
    this.status = root.querySelector("[data-search-status]");
    this.found = [];
    this.at = -1;
    this.input.addEventListener("input", () => this.schedule());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.at));
    });
  }

  schedule() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const typed = this.input.value.trim();
    if (typed.length < 2) this.close();
    else this.timer = setTimeout(() => this.ask(typed), PAUSE_MS);
  }

  async ask(typed) {
    const asking = (this.asking = new AbortController());
    try {
      const answer = await fetch(`${this.address}?${new URLSearchParams({ q: typed, limit: LIMIT })}`, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { results } = await answer.json();
      if (asking === this.asking) this.show(results);
    } catch (error) {
      if (error.name !== "AbortError") this.show([], this.words.search_failed);
    }
  }

  show(found, failure) {
    this.found = found;
    this.list.replaceChildren(...found.map((item, at) => this.option(item, at)));
    if (!found.length) {
      const none = Object.assign(document.createElement("li"), { className: "none", textContent: failure ?? this.words.none });
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      this.list.append(none);
    }
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.status.textContent = found.length ? this.words[found.length === 1 ? "found_one" : "found_other"].replace("{count}", found.length) : failure ?? this.words.none;
    this.mark(found.length ? 0 : -1);
  }

  option(item, at) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${at}`;
    option.dataset.at = at;
    option.setAttribute("role", "option");
    const name = Object.assign(document.createElement("span"), { textContent: item.label });
    const what = [this.words[item.type], item.detail].filter(Boolean).join(" · ");
    name.append(Object.assign(document.createElement("span"), { className: "soft", textContent: what }));
    option.append(name);
    return option;
  }

  mark(at) {
    this.at = at;
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const marked = at >= 0 ? this.list.children[at] : null;
    if (marked) {
      this.input.setAttribute("aria-activedescendant", marked.id);
      marked.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.schedule();
      else if (this.found.length) this.mark((this.at + (event.key === "ArrowDown" ? 1 : -1) + this.found.length) % this.found.length);
    } else if (event.key === "Enter") {
      event.preventDefault(); // never sends the form
      if (open && this.at >= 0) this.take(this.at);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      this.close();
    }
  }

  take(at) {
    const item = this.found[at];
    if (!item) return;
    this.input.value = "";
    this.close();
    this.pick(item);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
