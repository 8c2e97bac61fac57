// One contribution: support in place, a comment whose text is kept until it has arrived.

import "gp/map-page";
import "htmx";
import "gp/search";
import { forgetDraft, keepDraft, sendOnce, sendPhotos } from "gp/draft";

const form = document.querySelector("[data-comment]");
const map = document.querySelector("gp-map");
const sent = document.querySelector("[data-sent]");
if (sent) forgetDraft(sent.dataset.sent);
document.querySelector("[data-error-focus]")?.focus();
if (form) {
  keepDraft(form, ["body", "place_text"]);
  sendOnce(form);
  sendPhotos(form);
  const chosen = form.querySelector("[data-place]");
  form.addEventListener("gp-place", ({ detail }) => {
    chosen.value = `${detail.type}:${detail.id}`;
    if (detail.bbox) map?.fitTo(detail.bbox);
  });
  form.querySelector("[data-place-field]").addEventListener("input", () => { chosen.value = ""; });
}
