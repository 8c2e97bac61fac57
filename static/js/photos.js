// Photos are sent as soon as they are chosen, each by itself; the form then carries their codes, and nothing twice.

export function sendPhotos(form) {
  const field = form.querySelector("[data-photos]");
  const { url, consultation, moments, limit, maxBytes } = field.dataset;
  const input = field.querySelector("[type=file]");
  const held = field.querySelector("[data-held]");
  const status = field.querySelector("[data-photo-status]");
  const say = (words, name = "", why = "") => {
    const said = { name, why };
    status.textContent = field.dataset[`words${words}`].replace(/\{(\w+)\}/g, (_sign, key) => said[key]);
    status.className = ["Large", "Many", "Refused", "Failed"].includes(words) ? "error" : "hint";
  };
  let arriving = 0;
  let waiting = null;

  const hasPlace = () => form.elements.geometry.value || form.elements.place_text.value;
  function show() {
    for (const offer of held.querySelectorAll("[data-photo-place]")) offer.hidden = Boolean(hasPlace());
    for (const box of held.querySelectorAll("[data-without-script]")) box.hidden = true;
    for (const button of held.querySelectorAll("[data-drop]")) button.hidden = false;
  }

  const post = (address, body) => {
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    return fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  };

  async function send(file) {
    if (file.size > Number(maxBytes)) { say("Large", file.name); return; }
    if (held.children.length + arriving >= Number(limit)) { say("Many"); return; }
    arriving += 1;
    say("Sending", file.name);
    try {
      const body = new FormData();
      body.append("photo", file);
      body.append("consultation", consultation);
      if (moments) body.append("moments", moments);
      const response = await post(url, body);
      const answer = await response.json();
      if (response.ok) {
        held.insertAdjacentHTML("beforeend", answer.html);
        show();
        say("Added", file.name);
      } else {
        say("Refused", file.name, answer.detail);
        waiting = null;
      }
    } catch {
      say("Failed", file.name);
      waiting = null;
    }
    arriving -= 1;
    if (!arriving && waiting) { const button = waiting; waiting = null; form.requestSubmit(button); }
  }

  function take() {
    const files = [...input.files];
    input.value = "";
    return files.reduce((before, file) => before.then(() => send(file)), Promise.resolve());
  }

  input.addEventListener("change", take);
  held.addEventListener("click", ({ target }) => {
    const drop = target.closest("[data-drop]");
    if (drop) {
      drop.closest("[data-held-photo]").remove();
      post(drop.dataset.drop, new FormData()).catch(() => { /* it is forgotten in a day */ });
      say("Dropped");
      input.focus();
    }
    const place = target.closest("button") && target.closest("[data-photo-place]");
    if (place) {
      form.dispatchEvent(new CustomEvent("gp-photo-place", { detail: [Number(place.dataset.lon), Number(place.dataset.lat)] }));
      show();
      say("Placed");
      input.focus();
    }
  });
  for (const event of ["gp-changed", "gp-place", "input", "change"]) form.addEventListener(event, show);
  // Who sends the text before the photos have arrived is made to wait, not to lose them.
  form.addEventListener("submit", (event) => {
    if (!arriving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = event.submitter;
    say("Wait");
  }, true);
  show();
  if (input.files.length) take();
}
