// Keeps what was typed into a long form on this device until the server has it, and warns before it is left.
//
// The draft says what the page held when it was begun: it comes back only onto the same page, and is forgotten when the
// server shows another one, which is what it does once it has saved.

const form = document.querySelector("[data-unsaved-form]");
const notice = form.querySelector("[data-draft-restored]");
const key = `gp-draft-${form.dataset.draft}`;
const NOT_TYPED = ["csrfmiddlewaretoken", "token"];
const read = () => new URLSearchParams([...new FormData(form)].filter(([name]) => !NOT_TYPED.includes(name))).toString();
const load = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
const store = (draft) => { try { localStorage.setItem(key, JSON.stringify(draft)); } catch { /* full, or off */ } };
const forget = (name) => { try { localStorage.removeItem(name); } catch { /* storage is off: nothing was kept */ } };

const refused = form.querySelector(".error-summary");
const kept = load(key);
const shown = read();
const isNew = form.dataset.draft.endsWith("-new");
const base = refused && kept ? kept.base : isNew ? "new" : shown;
let sending = false;

/** Fill in what a draft has; fields that it does not know stay. */
function fill(draft) {
  const values = new URLSearchParams(draft.values);
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden") continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.getAll(field.name).includes(field.value);
    else if (values.has(field.name)) field.value = values.get(field.name);
  }
}

if (!refused && kept?.base === base && kept.values !== shown) {
  fill(kept);
  notice.hidden = false;
} else if (!refused) {
  forget(key);
}

// A new one was saved when the server shows it under its own address.
const fresh = load("gp-draft-consultation-new");
if (fresh?.sent && !isNew) {
  if (new URLSearchParams(fresh.values).get("title") === form.elements.title.value) forget("gp-draft-consultation-new");
}

const isDirty = () => Boolean(refused) || read() !== shown;
const keep = () => (isDirty() ? store({ base, values: read(), sent: sending }) : forget(key));
form.addEventListener("input", keep);
form.addEventListener("change", keep);
form.addEventListener("submit", () => { sending = true; keep(); });
window.addEventListener("pageshow", () => { sending = false; });
window.addEventListener("beforeunload", (event) => {
  if (!sending && isDirty()) event.preventDefault();
});
refused?.focus();
