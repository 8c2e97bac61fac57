// The list beside the map: filters change it in place, moving the map narrows it, the address keeps the state.
// Without this module the filters are a plain form.

import "gp/map-page";

const list = document.getElementById("list");
const form = document.querySelector("[data-filter-form]");
const box = form?.querySelector("[data-bbox]");
const map = document.querySelector("gp-map");
const here = () => location.pathname + location.search;
let asked = null;
let shown = here();

function query() {
  const kept = [...new FormData(form)].filter(([name, value]) => value !== "" && !(name === "in_bbox" && box.disabled));
  return new URLSearchParams(kept).toString();
}

async function show(address, { push = true } = {}) {
  asked?.abort();
  asked = new AbortController();
  list.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: asked.signal });
    if (!answer.ok) throw new Error(answer.status);
    list.innerHTML = await answer.text();
    if (push) history.pushState({}, "", address);
    else history.replaceState(history.state, "", address);
    shown = here();
    list.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

function narrowMap(text) {
  const onMap = new URLSearchParams(text);
  onMap.delete("in_bbox");
  onMap.delete("page");
  if (form.dataset.always) onMap.set("consultation", form.dataset.always);
  map?.setContributions(onMap.toString());
}

function changed(options) {
  const text = query();
  narrowMap(text);
  show(`${form.getAttribute("action")}?${text}`, options);
}

if (list && form) {
  let timer = null;
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  form.addEventListener("change", () => changed());
  form.querySelector("[name=q]")?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => changed({ push: false }), 350); });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[rel=next], a[rel=prev], a[data-partial]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.partial === "whole-town") { box.disabled = true; box.value = ""; }
    if (link.dataset.clear) { const field = form.elements[link.dataset.clear]; if (field) field.value = ""; changed(); list.focus(); return; }
    show(link.href).then(() => { list.focus(); list.scrollIntoView({ block: "start" }); });
  });
  window.addEventListener("popstate", () => {
    if (here() === shown) return; // only the part after #, as by the link to the content
    shown = here();
    const earlier = new URLSearchParams(location.search);
    for (const field of form.elements) if (field.name) field.value = earlier.get(field.name) ?? "";
    box.disabled = !box.value;
    narrowMap(query());
    show(location.href, { push: false });
  });
  document.addEventListener("gp-moved", ({ detail }) => {
    if (!detail.byPerson) return;
    box.disabled = false;
    box.value = detail.bounds.map((degrees) => degrees.toFixed(5)).join(",");
    show(`${form.getAttribute("action")}?${query()}`, { push: false });
  });
}
