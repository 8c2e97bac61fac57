// A live workshop: the list of notes and the map follow the log; notes, moves and dots are sent without leaving the
// page. The same page is a plain form without this module.

import "gp/map";
import "gp/map-page";
import "gp/search";
import { Drawing, PlacePicker } from "gp/place-picker";
import { momentOf } from "gp/workshop-fold";
import { Following } from "gp/workshop-live";
import { NoteMap } from "gp/workshop-map";

const settings = JSON.parse(document.getElementById("workshop").textContent);
const { words } = settings;
const own = new Set(settings.own);
const dots = new Set(settings.dots);
const map = document.querySelector("gp-map");
const list = document.querySelector("[data-notes]");
const form = document.querySelector("[data-note-form]");
const find = (name, root = document) => root.querySelector(`[data-${name}]`);
const say = (place, text) => { if (place && place.textContent !== text) place.textContent = text; };
const items = new Map([...list.querySelectorAll("[data-code]")].map((item) => [item.dataset.code, item]));
const groups = new Map([...list.children].map((group) => [group.dataset.group, group]));
let following = null;

// --- The list -------------------------------------------------------------------------------------------------------

const mould = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

function makeItem(code) {
  const item = mould("note-mould");
  item.id = `note-${code}`;
  item.dataset.code = code;
  for (const field of item.querySelectorAll("[name=code], [name=note]")) field.value = code;
  const edit = find("edit", item);
  if (edit) edit.href = `?edit=${code}#put`;
  item.classList.add("is-new");
  setTimeout(() => item.classList.remove("is-new"), 3000);
  return item;
}

function fillItem(item, code, note, { votes, writes }) {
  say(find("text", item), note.text);
  for (const again of item.querySelectorAll("[data-text-again]")) say(again, note.text);
  say(find("where", item), note.where);
  say(find("name", item), note.name ? words.by.replace("{name}", () => note.name) : "");
  const count = following.state.workshop.dots[code] ?? 0;
  say(find("dots", item), count > 1 ? words.dots_many.replace("{count}", count) : count ? words.dots_one : "");
  find("kept", item).hidden = !note.kept;
  if (!find("own", item)) return;
  find("own", item).hidden = !writes || !own.has(code) || note.kept;
  find("dot", item).hidden = !votes;
  find("give", item).hidden = dots.has(code);
  find("take", item).hidden = !dots.has(code);
}

/** Put the children in this order, touching only what is elsewhere: what has the focus keeps it. */
function order(parent, children) {
  for (const child of [...parent.children]) if (!children.includes(child)) child.remove();
  children.forEach((child, place) => { if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null); });
}

function show() {
  const { state } = following;
  const moment = momentOf(state.workshop);
  const writes = settings.takes_part && moment === "open";
  const votes = settings.takes_part && moment === "vote";
  const notes = Object.entries(state.notes);
  const letters = Object.entries(state.groups).sort(([, one], [, other]) => one.letter.localeCompare(other.letter));
  for (const code of items.keys()) if (!state.notes[code]) { items.get(code).remove(); items.delete(code); dots.delete(code); }
  for (const [code, note] of notes) {
    if (!items.has(code)) items.set(code, makeItem(code));
    fillItem(items.get(code), code, note, { votes, writes });
  }
  const shown = [["", null], ...letters].map(([code, group]) => {
    if (!groups.has(code)) {
      groups.set(code, mould("group-mould"));
      groups.get(code).dataset.group = code;
    }
    const section = groups.get(code);
    const inside = notes.filter(([, note]) => (state.groups[note.group] ? note.group : "") === code).map(([key]) => items.get(key));
    if (group) {
      say(find("mark", section), group.letter);
      find("mark", section).dataset.colour = group.colour;
      say(find("group-name", section), group.name);
    }
    section.hidden = !group && !inside.length;
    say(find("count", section), String(inside.length));
    order(section.querySelector("ol"), inside);
    return section;
  });
  for (const code of [...groups.keys()]) if (code && !state.groups[code]) groups.delete(code);
  order(list, shown);
  find("empty").hidden = notes.length > 0;
  say(find("moment"), settings.moments[moment]);
  if (find("writes")) find("writes").hidden = !writes;
  if (find("votes")) find("votes").hidden = !votes;
  say(find("left"), words.left.replace("{count}", Math.max(0, state.workshop.dots_each - dots.size)));
  if (find("question") && state.workshop.question) say(find("question"), state.workshop.question);
  noteMap?.show(notes, state.groups, (code) => writes && own.has(code) && !state.notes[code]?.kept);
}

// --- Sending --------------------------------------------------------------------------------------------------------

/** Send an act; returns what the server says, {detail} when it refuses. Tried three times: an act done twice is done once. */
async function send(said) {
  for (let left = 2; ; left -= 1) {
    try {
      const answer = await fetch(settings.act, { method: "POST", body: said, headers: { Accept: "application/json" } });
      if (answer.status === 503) throw new Error("503");
      const told = await answer.json();
      await following.ask();
      return told;
    } catch {
      if (!left) return { detail: words.offline };
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

function complain(told) {
  const line = find("error");
  if (!line) return;
  const text = told.choices?.length ? `${told.detail} ${words.choices.replace("{choices}", told.choices.join(", "))}` : told.detail ?? "";
  line.hidden = !text;
  line.textContent = text;
}

const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

function acting(act, code, more = {}) {
  const said = new FormData();
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token(), act, code, ...more })) said.set(name, value);
  return said;
}

document.addEventListener("submit", async (event) => {
  const { submitter, target } = event;
  if (!target.matches("[data-act]")) return;
  event.preventDefault();
  const { code } = target.elements;
  const told = await send(acting(submitter.value, code.value));
  complain(told);
  if (told.detail) return;
  if (submitter.value === "dot") dots.add(code.value);
  if (submitter.value === "undot") dots.delete(code.value);
  show();
  if (submitter.value === "dot") find("take", target)?.focus();
  if (submitter.value === "undot") find("give", target)?.focus();
});

// --- The form -------------------------------------------------------------------------------------------------------

function setForm(act, code, text = "", name = null) {
  form.elements.act.value = act;
  form.elements.code.value = code;
  form.elements.text.value = text;
  if (name !== null) form.elements.name.value = name;
  find("send-new", form).hidden = act === "change";
  find("send-change", form).hidden = act !== "change";
  find("cancel", form).hidden = act !== "change";
  form.elements.place_text.value = "";
  picker.help.textContent = "";
  picker.take(null);
  complain({});
}

let picker = null;
let spare = null;
if (form) {
  const drawing = map && new Drawing(map, JSON.parse(document.getElementById("draw-words").textContent));
  picker = new PlacePicker(form, JSON.parse(document.getElementById("draw-words").textContent), drawing);
  spare = form.elements.act.value === "place" ? form.elements.code.value : null;
  form.addEventListener("gp-picked", ({ detail: { geometry, bbox } }) => { map?.setPlace(geometry); if (bbox) map?.fitTo(bbox); });
  let sending = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    const act = form.elements.act.value;
    const code = form.elements.code.value;
    const told = await send(new FormData(form));
    sending = false;
    complain(told);
    if (told.detail) { form.elements.text.focus(); return; }
    own.add(code);
    if (act === "place") spare = told.next;
    setForm("place", spare ?? told.next);
    spare = form.elements.code.value;
    show();
    say(find("news"), act === "place" ? words.sent : words.changed);
    form.elements.text.focus();
  });
  find("cancel", form).addEventListener("click", async (event) => {
    if (!spare) return; // the page was opened to change a note: the link leads to an empty form
    event.preventDefault();
    setForm("place", spare);
  });
  list.addEventListener("click", (event) => {
    const edit = event.target.closest("[data-edit]");
    if (!edit) return;
    event.preventDefault();
    const { code } = edit.closest("[data-code]").dataset;
    const note = following.state.notes[code];
    setForm("change", code, note.text, note.name);
    form.elements.text.focus();
  });
}

// --- The map --------------------------------------------------------------------------------------------------------

function light(code) {
  for (const one of document.querySelectorAll("[data-code].is-lit")) one.classList.remove("is-lit");
  if (code) for (const one of document.querySelectorAll(`[data-code="${code}"]`)) one.classList.add("is-lit");
}

const noteMap = map && new NoteMap(map, words, {
  moved: async (code, geometry) => complain(await send(acting("change", code, { geometry: JSON.stringify(geometry) }))),
  chosen: (code) => {
    if (matchMedia("(max-width: 899.98px)").matches) document.querySelector("[data-map-close]")?.click();
    items.get(code)?.scrollIntoView({ block: "nearest" });
    items.get(code)?.focus();
    light(code);
  },
});
for (const type of ["mouseover", "focusin"]) list.addEventListener(type, (event) => light(event.target.closest("[data-code]")?.dataset.code));

const changed = (count) => {
  show();
  say(find("news"), count > 1 ? words.news_many.replace("{count}", count) : words.news_one);
};
following = new Following(settings, changed, (how) => {
  document.body.dataset.followed = how;
  say(find("connection"), words[how]);
});
show();
