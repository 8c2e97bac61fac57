// A round on the phone: what is ticked off or noted is kept in the phone and sent when there is a connection.
//
// An act is {id, act, stop or letterbox, replaces, made_at, text}. It is made here, never changed, and names the acts
// that it replaces; what holds are the acts that none replaces. The server works it out in the same way, so that the
// order in which phones send does not matter.

const settings = JSON.parse(document.getElementById("walk-settings").textContent);
const { words } = settings;
const NOTED = ["no_access", "no_flyers", "wrong_address"];
const AGAIN_MS = 20_000;
const AT_ONCE = 200;

// --- In the phone ---------------------------------------------------------------------------------------------------

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function open() {
  const request = indexedDB.open(settings.key, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("acts", { keyPath: "id" });
  return asked(request);
}

const database = await open();
const store = (mode) => database.transaction("acts", mode).objectStore("acts");

/** Keep acts; what is known to be sent stays so. Done when it is on the disk. */
function keep(acts) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("acts", "readwrite", { durability: "strict" });
    const into = transaction.objectStore("acts");
    for (const act of acts) into.put(act);
    transaction.oncomplete = resolve;
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

const all = () => asked(store("readonly").getAll());

// --- What holds ----------------------------------------------------------------------------------------------------

const subjectOf = (act) => (act.stop === undefined ? `letterbox ${act.letterbox}` : `stop ${act.stop}`);

function fold(acts) {
  const replaced = new Set();
  for (const act of acts) for (const other of act.replaces) if (other !== act.id) replaced.add(`${subjectOf(act)} ${other}`);
  const standing = new Map();
  for (const act of acts) {
    const subject = subjectOf(act);
    if (!replaced.has(`${subject} ${act.id}`)) standing.set(subject, [...(standing.get(subject) ?? []), act]);
  }
  return standing;
}

// --- On the page ----------------------------------------------------------------------------------------------------

const stops = [...document.querySelectorAll("[data-stop]")];
const doors = new Map([...document.querySelectorAll("[data-door]")].map((door) => [door.dataset.door, door]));
const lines = new Map([...document.querySelectorAll("[data-line]")].map((line) => [line.dataset.line, line]));
const drawing = document.querySelector("[data-drawing]");
const whole = drawing.getAttribute("viewBox");
const zoom = document.querySelector("[data-zoom]");
const NEAR_M = 150;
let standing = new Map();
let over = false;

const isDone = (stop) => (standing.get(`stop ${stop}`) ?? []).some((act) => act.act === "done");

function show() {
  let done = 0;
  let next = null;
  for (const item of stops) {
    const { stop } = item.dataset;
    const ticked = isDone(stop);
    done += Number(ticked);
    if (!ticked) next ??= item;
    item.classList.toggle("is-done", ticked);
    const button = item.querySelector("[data-tick] button");
    button.setAttribute("aria-pressed", String(ticked));
    item.querySelector("[data-tick] [name=act]").value = ticked ? "undone" : "done";
    lines.get(stop)?.classList.toggle("is-done", ticked);
    lines.get(stop)?.classList.toggle("is-next", item === next);
  }
  for (const [letterbox, door] of doors) {
    const noted = (standing.get(`letterbox ${letterbox}`) ?? []).filter((act) => NOTED.includes(act.act));
    door.classList.toggle("is-noted", noted.length > 0);
    door.querySelector("[data-notes]").textContent = noted.map((act) => ` ${words[act.act]}${act.text ? `: ${act.text}` : ""}`).join(",");
  }
  document.querySelector("[data-progress]").textContent = words.progress.replace("{done}", done).replace("{count}", stops.length);
  document.querySelector("[data-progress-bar]").value = done;
  point(next);
}

/** Mark the next stop on the drawing, and show what is around it if that is wanted. */
function point(next) {
  const mark = drawing.querySelector("[data-next]");
  mark?.classList.toggle("is-hidden", !next);
  const near = zoom.getAttribute("aria-pressed") === "true" && next;
  drawing.setAttribute("viewBox", near ? `${next.dataset.x - NEAR_M} ${next.dataset.y - NEAR_M} ${2 * NEAR_M} ${2 * NEAR_M}` : whole);
  if (!mark || !next) return;
  mark.dataset.whole ??= mark.getAttribute("r");
  mark.setAttribute("cx", next.dataset.x);
  mark.setAttribute("cy", next.dataset.y);
  mark.setAttribute("r", near ? NEAR_M / 25 : mark.dataset.whole);
}

function tell(text, isBad = false) {
  const line = document.querySelector("[data-state]");
  line.textContent = text;
  line.classList.toggle("is-bad", isBad);
}

async function tellState() {
  const acts = await all();
  const waiting = acts.filter((act) => !act.sent && !act.refused).length;
  const refused = acts.filter((act) => act.refused).length;
  document.body.dataset.waiting = waiting;
  if (over) tell(words.over, true);
  else if (refused) tell(words.refused.replace("{count}", refused), true);
  else if (waiting) tell(words.waiting.replace("{count}", waiting));
  else tell([words.sent, document.body.dataset.ready === undefined ? "" : words.ready].filter(Boolean).join(" · "));
}

async function renew() {
  standing = fold((await all()).filter((act) => !act.refused));
  show();
  await tellState();
}

// --- Acts ------------------------------------------------------------------------------------------------------------

async function note(act, subject, text = "") {
  const [kind, key] = subject;
  const replaces = (standing.get(`${kind} ${key}`) ?? []).map((one) => one.id);
  await keep([{ id: crypto.randomUUID(), act, [kind]: Number(key), replaces, made_at: new Date().toISOString(), text, sent: false }]);
  await renew();
  send();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const said = new FormData(form);
  if (form.matches("[data-tick]")) {
    event.preventDefault();
    note(said.get("act"), ["stop", said.get("stop")]);
  } else if (form.matches("[data-note-form]")) {
    event.preventDefault();
    note(said.get("act"), ["letterbox", said.get("letterbox")], said.get("act") === "cleared" ? "" : said.get("text").trim());
    form.closest("dialog")?.close();
  }
});

const dialog = document.querySelector("[data-note]");
for (const [letterbox, door] of doors) {
  door.setAttribute("role", "button");
  door.addEventListener("click", (event) => {
    event.preventDefault();
    const form = dialog.querySelector("form");
    form.reset();
    form.elements.letterbox.value = letterbox;
    const [before] = (standing.get(`letterbox ${letterbox}`) ?? []).filter((act) => NOTED.includes(act.act));
    if (before) form.elements.act.value = before.act;
    form.elements.text.value = before?.text ?? "";
    dialog.querySelector("[data-note-title]").textContent = door.dataset.name;
    dialog.showModal();
    dialog.querySelector("[data-note-title]").focus();
  });
  door.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); door.click(); } });
}
dialog.querySelector("[data-note-close]").addEventListener("click", () => dialog.close());
zoom.hidden = false;
zoom.addEventListener("click", () => {
  zoom.setAttribute("aria-pressed", String(zoom.getAttribute("aria-pressed") !== "true"));
  show();
});

// --- Sending ---------------------------------------------------------------------------------------------------------

let sending = null;
let again = false;

/** Send what is not sent, and learn what other phones noted. One at a time; asked for meanwhile, once more after it. */
function send() {
  if (sending) { again = true; return sending; }
  sending = deliver().catch(() => {}).finally(() => {
    sending = null;
    if (again) { again = false; send(); }
  });
  return sending;
}

async function deliver() {
  const waiting = (await all()).filter((act) => !act.sent && !act.refused).slice(0, AT_ONCE);
  const body = JSON.stringify({ acts: waiting.map(({ sent, refused, ...act }) => act) });
  const answer = await fetch(settings.events, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body });
  if (answer.status === 404 || answer.status === 410) { await end(); return; }
  if (!answer.ok) return;
  const { kept, refused, acts } = await answer.json();
  const changed = acts.map((act) => ({ ...act, sent: true }));
  const arrived = new Set(kept);
  for (const act of waiting) {
    if (arrived.has(act.id)) changed.push({ ...act, sent: true });
    else if (refused[act.id]) changed.push({ ...act, refused: refused[act.id] });
  }
  await keep(changed);
  await renew();
  if (waiting.length === AT_ONCE) again = true;
}

/** The link is over: the addresses leave this phone. What was noted and not sent stays, as numbers alone. */
async function end() {
  over = true;
  await tellState();
  for (const name of await caches.keys()) if (name.startsWith(`${settings.key}-`)) await caches.delete(name);
  const mine = await navigator.serviceWorker?.getRegistration(settings.scope);
  if (mine && new URL(mine.scope).pathname === settings.scope) await mine.unregister();
  document.querySelector(".walk-stops").remove();
  drawing.closest("[data-map]").remove();
}

await keep(settings.acts.map((act) => ({ ...act, sent: true })));
await renew();
document.body.dataset.started = "";
window.addEventListener("online", send);
document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
setInterval(() => { if (Number(document.body.dataset.waiting)) send(); }, AGAIN_MS);

if (new Date(settings.expires) < new Date()) await send().then(() => end());
else {
  send();
  if (navigator.serviceWorker) {
    await navigator.serviceWorker.register(settings.worker, { scope: settings.scope });
    await navigator.serviceWorker.ready;
    document.body.dataset.ready = "";
    await tellState();
  }
  navigator.storage?.persist?.();
}
