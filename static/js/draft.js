// What was typed is kept on this device until the server has taken it; a form is sent once.

/** Keep the named fields of the form in localStorage, and fill them in again where the page comes without them. */
export function keepDraft(form, names) {
  const key = `gp-draft-${form.dataset.draft}`;
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(key)) || {}; } catch { /* storage is off, or holds something else */ }
  for (const name of names) {
    const field = form.elements[name];
    if (field && "value" in field && !field.value && kept[name]) {
      field.value = kept[name];
      field.dispatchEvent(new Event("gp-restored", { bubbles: true }));
    }
  }
  const save = () => {
    const values = Object.fromEntries(names.map((name) => [name, form.elements[name]?.value || ""]));
    try {
      if (Object.values(values).some(Boolean)) localStorage.setItem(key, JSON.stringify(values));
      else localStorage.removeItem(key);
    } catch { /* storage is off or full: the form still works */ }
  };
  form.addEventListener("input", save);
  form.addEventListener("gp-changed", save);
}

/** Forget what was kept: the server has it. */
export function forgetDraft(name) {
  try { localStorage.removeItem(`gp-draft-${name}`); } catch { /* storage is off: nothing was kept */ }
}

/** Let the form be sent once; the button says so by being disabled. Coming back to the page frees it again. */
export function sendOnce(form) {
  const button = form.querySelector("[data-send]");
  form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    if (button.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    button.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => button.removeAttribute("aria-disabled"));
}

/** Load what sends photos when the first one is chosen, or where the page comes with some. */
export function sendPhotos(form) {
  const input = form.querySelector("[data-photos] [type=file]");
  const load = async () => (await import("gp/photos")).sendPhotos(form);
  if (form.querySelector("[data-held-photo]")) load();
  else input?.addEventListener("change", load, { once: true });
}
