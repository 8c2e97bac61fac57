// The flyer beside its form, drawn anew by the server a moment after the last change; only the latest answer counts.

const PAUSE_MS = 350;
const form = document.getElementById("flyer-form");
const shown = document.getElementById("flyer-preview");
let timer;
let asking;

/** What the form says now, without the files: they are sent once, when the design is saved. */
function said() {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  return fields;
}

async function ask() {
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: said(), signal: mine.signal });
    if (answer.ok && mine === asking) shown.innerHTML = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") return;
  }
  if (mine === asking) shown.removeAttribute("aria-busy");
}

form.addEventListener("input", (event) => {
  if (event.target.type === "file") return;
  clearTimeout(timer);
  asking?.abort();
  shown.setAttribute("aria-busy", "true");
  timer = setTimeout(ask, PAUSE_MS);
});
