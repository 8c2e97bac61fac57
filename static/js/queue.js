// The moderation queue: the map follows the card one is at; after a decision the next card is at hand.

import "gp/map";

const queue = document.querySelector("[data-queue]");
const map = queue.querySelector("[data-queue-map]");
for (const hidden of queue.querySelectorAll("[data-without-script]")) hidden.hidden = true;

let shown = null;

function show(card) {
  if (!card || card === shown) return;
  shown = card;
  for (const other of queue.querySelectorAll("[data-card]")) other.classList.toggle("is-lit", other === card);
  const block = card.querySelector("[data-geometry]");
  const geometry = block ? JSON.parse(block.textContent) : null;
  map.setPlace(geometry);
  if (geometry) map.fitTo(geometry, { maxZoom: 16 });
}

const cardOf = (event) => event.target.closest?.("[data-card]");
queue.addEventListener("focusin", (event) => show(cardOf(event)));
queue.addEventListener("mouseover", (event) => show(cardOf(event)));
map.ready.then(() => { if (!shown) show(queue.querySelector("[data-card]")); }, () => {});

// Arrow keys go from card to card, where no field is being filled in.
queue.addEventListener("keydown", (event) => {
  const card = cardOf(event);
  if (!card || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input")) return;
  const next = event.key === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling;
  const title = next?.querySelector("h2, [tabindex='-1']");
  if (!title) return;
  event.preventDefault();
  title.focus();
});

document.addEventListener("htmx:after:swap", () => {
  const done = queue.querySelector("[data-done]:not([data-seen])");
  if (done) {
    done.dataset.seen = "";
    (done.nextElementSibling?.querySelector("h2") ?? done.querySelector("[tabindex]")).focus();
    return;
  }
  const told = queue.querySelector(".queue-told:not([data-seen])");
  if (!told) return;
  told.dataset.seen = "";
  (told.closest("[data-card]").querySelector("[aria-invalid]") ?? told.closest("[data-card]").querySelector("h2")).focus();
});
