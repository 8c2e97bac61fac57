// Filling in one step of a survey: the plain form works without this. With it, questions appear and go as one answers,
// places are pointed at on the map, things are ranked by buttons, and what is wrong is said before the page is sent.

import "gp/map-page";
import "gp/search";
import { boundsOf } from "gp/map-geometry";
import { Drawing, PlacePicker } from "gp/place-picker";
import { nameOf, readStep } from "gp/survey-form";
import { Ranking } from "gp/survey-ranking";
import { checkAnswers } from "gp/survey-rules";

const form = document.querySelector("[data-survey]");
const map = document.querySelector("gp-map");
const block = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
const language = document.documentElement.lang;
const inWords = (number) => number.toLocaleString(language);

class Step {
  constructor() {
    this.words = block("draw-words");
    this.definition = block("survey-definition");
    this.elsewhere = block("survey-answers") || {};
    this.sentences = block("survey-sentences") || {};
    this.section = this.definition?.sections.find(({ key }) => key === form.dataset.step) || null;
    this.questions = this.section?.questions || [];
    for (const hidden of form.querySelectorAll("[data-without-script]")) hidden.hidden = true;
    const summary = document.querySelector("[data-error-summary]");
    if (!summary.hidden) summary.focus();
    this.pickers = this.placePickers();
    for (const root of form.querySelectorAll("[data-ranking]")) new Ranking(root, this.words);
    for (const root of form.querySelectorAll("[data-budget]")) this.budget(root);
    this.otherWords();
    this.showPlaces();
    if (this.section) {
      form.addEventListener("input", () => this.showQuestions());
      form.addEventListener("change", () => this.showQuestions());
      form.addEventListener("gp-picked", () => this.showQuestions());
      form.addEventListener("submit", (event) => this.beforeSending(event));
      this.showQuestions();
    }
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (form.dataset.sending) { event.preventDefault(); return; }
      form.dataset.sending = "yes";
    });
    window.addEventListener("pageshow", () => { delete form.dataset.sending; });
  }

  // Places -----------------------------------------------------------------------------------------------------------

  placePickers() {
    const drawing = map && new Drawing(map, this.words);
    form.addEventListener("gp-picked", ({ detail }) => this.showDrawn(detail));
    return [...form.querySelectorAll("[data-place-answer], [data-own-place]")].map((root) => new PlacePicker(root, this.words, drawing));
  }

  /** All places of the step on the map; the one that changed in view when it came from a list. */
  showDrawn({ geometry, bbox, picker }) {
    if (!map) return;
    picker.shown = geometry;
    const drawn = (this.pickers || [picker]).map(({ shown }) => shown).filter(Boolean);
    map.setPlace(drawn.length ? { type: "FeatureCollection", features: drawn.map((shape) => ({ type: "Feature", properties: {}, geometry: shape })) } : null);
    if (bbox) map.fitTo(bbox);
  }

  /** The places to choose among, on the map when one asks for them or picks one. */
  showPlaces() {
    if (!map) return;
    for (const root of form.querySelectorAll("[data-places-choice]")) {
      const question = this.questions.find(({ key }) => nameOf(key) === root.id);
      const features = question.places.map(({ geometry }) => ({ type: "Feature", properties: {}, geometry }));
      const button = root.querySelector("[data-show-places]");
      button.hidden = false;
      button.addEventListener("click", () => {
        map.setPlace({ type: "FeatureCollection", features });
        map.fitTo(boundsOf({ type: "FeatureCollection", features }));
        if (matchMedia("(max-width: 899.98px)").matches) document.querySelector("[data-map-open]")?.click();
      });
      root.addEventListener("change", ({ target }) => {
        const place = question.places.find(({ key }) => key === target.value);
        if (!place) return;
        map.setPlace(place.geometry);
        map.fitTo(place.geometry);
      });
    }
  }

  // Fields -----------------------------------------------------------------------------------------------------------

  /** The words for "something else" are asked for once it is chosen. */
  otherWords() {
    for (const box of form.querySelectorAll("[data-other]")) {
      const words = box.closest("fieldset").querySelector(".other-words");
      const show = () => { words.hidden = !box.checked; };
      box.closest("fieldset").addEventListener("change", show);
      show();
    }
  }

  /** A slider beside each amount, and what is left. */
  budget(root) {
    const left = root.querySelector("[data-left]");
    const amounts = [...root.querySelectorAll("input[type=number]")];
    const unit = root.dataset.unit;
    const figure = (amount) => (amount.value === "" ? Number(amount.min) : Number(amount.value));
    const sum = () => {
      const rest = Number(root.dataset.total) - amounts.reduce((total, amount) => total + figure(amount), 0);
      const told = rest < 0 ? this.words.over : this.words.left;
      const written = (number) => `${inWords(number)} ${unit}`.trim();
      left.textContent = told.replace("{amount}", written(Math.abs(rest))).replace("{total}", written(Number(root.dataset.total)));
      left.classList.toggle("is-over", rest < 0);
    };
    for (const amount of amounts) {
      const slider = Object.assign(document.createElement("input"), { type: "range", min: amount.min, max: amount.max, step: amount.step, value: figure(amount) });
      slider.setAttribute("aria-label", amount.labels[0].textContent);
      slider.addEventListener("input", () => { amount.value = slider.value; amount.dispatchEvent(new Event("input", { bubbles: true })); });
      amount.addEventListener("input", () => { slider.value = figure(amount); sum(); });
      amount.parentElement.before(slider);
    }
    sum();
  }

  // Showing and checking ---------------------------------------------------------------------------------------------

  verdict() {
    return checkAnswers(this.definition, { ...this.elsewhere, ...readStep(form, this.questions) });
  }

  showQuestions() {
    const shown = new Set(this.verdict().shown);
    for (const part of form.querySelectorAll("[data-depends]")) {
      const isShown = shown.has(part.dataset.question);
      if (part.hidden === !isShown) continue;
      part.hidden = !isShown;
      part.inert = !isShown;
    }
  }

  /** Going on, with something wrong on this step: say so here, and stay. Photos are judged by the server. */
  beforeSending(event) {
    if (event.submitter?.value !== "next") return;
    const here = new Map(this.questions.filter(({ kind }) => kind !== "photo").map((question) => [question.key, question]));
    const faults = this.verdict().faults.filter(({ path }) => here.has(path.split(/[.[]/)[0]));
    this.tell(faults, here);
    if (!faults.length) return;
    event.preventDefault();
    document.querySelector("[data-error-summary]").focus();
  }

  tell(faults, questions) {
    const summary = document.querySelector("[data-error-summary]");
    for (const slot of form.querySelectorAll("[data-error-for]")) { slot.hidden = true; slot.textContent = ""; slot.closest(".field").classList.remove("has-error"); }
    const lines = faults.map((fault) => {
      const sentence = this.sentence(fault);
      const slot = form.querySelector(`[data-error-for="${CSS.escape(nameOf(fault.path))}"]`);
      if (slot) { slot.hidden = false; slot.textContent = sentence; slot.closest(".field").classList.add("has-error"); }
      const question = questions.get(fault.path.split(/[.[]/)[0]);
      const link = Object.assign(document.createElement("a"), { href: `#${nameOf(fault.path)}`, textContent: question.label[language] || Object.values(question.label)[0] });
      const line = document.createElement("li");
      line.append(link, ` – ${sentence}`);
      return line;
    });
    summary.querySelector("[data-error-list]").replaceChildren(...lines);
    summary.hidden = !faults.length;
  }

  sentence({ code, limit }) {
    const written = code === "too_early" || code === "too_late" ? new Date(`${limit}T00:00:00`).toLocaleDateString(language, { dateStyle: "long" }) : typeof limit === "number" ? inWords(limit) : "";
    return this.sentences[code].replace("{limit}", written);
  }
}

document.querySelector("[data-select]")?.addEventListener("focus", ({ target }) => target.select());
if (form) new Step();
