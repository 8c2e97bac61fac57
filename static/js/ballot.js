// The ballot: each change is worked out by the server, which says the sum and which projects no longer fit.
// Without this module the button "Add up" does the same.

const form = document.querySelector("[data-ballot]");
const state = document.getElementById("ballot-state");
let asked = null;

function mark() {
  const full = new Set((state.querySelector("[data-full]")?.dataset.full ?? "").split(",").filter(Boolean));
  for (const item of form.querySelectorAll("[data-number]")) {
    const field = item.querySelector("input, select");
    const chosen = field.type === "checkbox" ? field.checked : Boolean(Number(field.value));
    item.classList.toggle("is-chosen", chosen);
    item.classList.toggle("no-fit", !chosen && full.has(item.dataset.number));
  }
}

async function addUp() {
  asked?.abort();
  asked = new AbortController();
  const body = new FormData(form);
  body.set("act", "check");
  state.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(location.pathname, { method: "POST", body, headers: { "HX-Request": "true" }, signal: asked.signal });
    if (!answer.ok) throw new Error(answer.status);
    state.innerHTML = await answer.text();
    mark();
    state.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name !== "AbortError") form.querySelector("[data-check]").hidden = false; // it can be asked again
  }
}

if (form && state) {
  form.querySelector("[data-check]").hidden = true;
  form.addEventListener("change", addUp);
}
