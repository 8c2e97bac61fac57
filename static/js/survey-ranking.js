// Ranking by buttons: the selects of the plain form stay, hidden, and hold the order.

export class Ranking {
  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.selects = [...root.querySelectorAll("select")];
    this.labels = new Map([...this.selects[0].options].filter(({ value }) => value).map(({ value, textContent }) => [value, textContent]));
    this.order = [...new Set(this.selects.map(({ value }) => value).filter(Boolean))];
    this.lists = root.querySelector("[data-ranking-lists]");
    this.status = root.querySelector("[data-status]");
    root.querySelector("[data-ranks]").hidden = true;
    this.lists.hidden = false;
    this.lists.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.act(button);
    });
    this.show();
  }

  act(button) {
    const key = button.closest("li").dataset.key;
    const at = this.order.indexOf(key);
    if ("add" in button.dataset) { if (this.order.length < this.selects.length) this.order.push(key); }
    else if ("out" in button.dataset) this.order.splice(at, 1);
    else {
      const to = at + ("up" in button.dataset ? -1 : 1);
      if (to < 0 || to >= this.order.length) return;
      this.order.splice(at, 1);
      this.order.splice(to, 0, key);
    }
    this.show();
    const rank = this.order.indexOf(key) + 1;
    this.status.textContent = (rank ? this.words.ranked : this.words.unranked).replace("{label}", this.labels.get(key)).replace("{rank}", rank);
    const kind = ["up", "down", "out"].find((name) => name in button.dataset) || "up";
    const item = this.lists.querySelector(`li[data-key="${CSS.escape(key)}"]`);
    const next = [item?.querySelector(`[data-${kind}]`), ...(item?.querySelectorAll("button") || [])].find((one) => one && !one.disabled);
    (next || this.lists.querySelector("button"))?.focus();
    this.root.dispatchEvent(new Event("input", { bubbles: true }));
  }

  show() {
    for (const [n, select] of this.selects.entries()) select.value = this.order[n] ?? "";
    const list = this.lists.querySelector("[data-list]");
    const pool = this.lists.querySelector("[data-pool]");
    list.replaceChildren(...this.order.map((key, n) => this.ranked(key, n)));
    const rest = [...this.labels.keys()].filter((key) => !this.order.includes(key));
    pool.replaceChildren(...rest.map((key) => this.unranked(key)));
    for (const [part, isEmpty] of [[list, !this.order.length], [pool, !rest.length]]) { part.hidden = isEmpty; part.previousElementSibling.hidden = isEmpty; }
  }

  ranked(key, n) {
    const item = this.root.querySelector("[data-ranked]").content.firstElementChild.cloneNode(true);
    item.dataset.key = key;
    item.querySelector(".rank-label").textContent = this.labels.get(key);
    for (const said of item.querySelectorAll("[data-words]")) said.textContent = said.dataset.words.replace("{label}", this.labels.get(key));
    item.querySelector("[data-up]").disabled = n === 0;
    item.querySelector("[data-down]").disabled = n === this.order.length - 1;
    return item;
  }

  unranked(key) {
    const item = document.createElement("li");
    item.dataset.key = key;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-secondary button-small", textContent: this.labels.get(key), disabled: this.order.length >= this.selects.length });
    button.dataset.add = "";
    item.append(button);
    return item;
  }
}
