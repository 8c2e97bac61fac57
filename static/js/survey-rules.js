// What surveys/answers does on the server, in the page: which questions are shown, and what is wrong with an answer.
// `checkAnswers(definition, answers)` takes the JSON of both; one test runs both sides on the same answers.

import { areaOf, crossesItself, lengthOf } from "gp/survey-measures";

const OTHER = "other";
const OTHER_LENGTH = 200;
const PHOTO_CODE_LENGTH = 36;
const STEP_TOLERANCE = 1e-6;
const MAX_VERTICES = 2000;
const SHAPES = { Point: "point", LineString: "line", Polygon: "area" };
const BLANK = /^[ \t\n\r\f\v\u00a0\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]*$/;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const isBlank = (text) => BLANK.test(text);
const lengthIn = (text) => [...text].length; // characters, not UTF-16 units
const own = (object, key) => (isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined);
const isOther = (value) => isObject(value) && Object.keys(value).length === 1 && isText(own(value, OTHER));
const keyOf = (value) => (isText(value) ? value : isOther(value) ? OTHER : null);
const numberOf = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);

export function isEmpty(value) {
  if (value === null || value === undefined || value === false) return true;
  if (isText(value)) return isBlank(value);
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmpty);
}

function isOnStep(figure, start, step) {
  const count = (figure - start) / step;
  return Math.abs(count - Math.floor(count + 0.5)) <= STEP_TOLERANCE;
}

// Showing ----------------------------------------------------------------------------------------------------------

/** Whether a show-if rule holds; `answers` is a Map of those given so far. */
export function holds(rule, answers) {
  if (!rule) return true;
  if (rule.all) return rule.all.every((part) => holds(part, answers));
  if (rule.any) return rule.any.some((part) => holds(part, answers));
  if (rule.not) return !holds(rule.not, answers);
  if (!answers.has(rule.question)) return false;
  return rule.is === "answered" || compares(rule, answers.get(rule.question));
}

function compares(rule, answer) {
  if (rule.is === "includes") return Array.isArray(answer) && answer.some((part) => keyOf(part) === rule.value);
  const [figure, limit] = [numberOf(answer), numberOf(rule.value)];
  if (rule.is === "at_least") return figure !== null && limit !== null && figure >= limit;
  if (rule.is === "at_most") return figure !== null && limit !== null && figure <= limit;
  if (limit !== null) return figure === limit;
  return keyOf(answer) === rule.value;
}

/** Sections and questions shown, and faults as {path, code, limit}, going through the survey once. */
export function checkAnswers(definition, answers) {
  const given = new Map();
  const [sections, shown, faults] = [[], [], []];
  for (const section of definition.sections) {
    if (!holds(section.show_if, given)) continue;
    sections.push(section.key);
    for (const question of section.questions) {
      if (!holds(question.show_if, given)) continue;
      shown.push(question.key);
      const value = own(answers, question.key);
      for (const [path, code, limit = null] of verdict(question, value)) faults.push({ path: question.key + path, code, limit });
      if (!isEmpty(value)) given.set(question.key, value);
    }
  }
  return { sections, shown, faults };
}

/** All that is wrong with the answer to one question that is shown. */
export function verdict(question, value) {
  if (!isEmpty(value)) return CHECKS[question.kind](question, value);
  if (question.required) return [["", "missing"]];
  if (question.kind === "place" && question.min_places) return [["", "too_few_places", question.min_places]];
  return [];
}

// Checking each kind -----------------------------------------------------------------------------------------------

const keys = (things) => things.map(({ key }) => key);
const isMore = (count, most) => typeof most === "number" && count > most;

function choice(question, value) {
  if (question.other && isOther(value)) {
    if (isBlank(value.other)) return [[".other", "missing"]];
    return lengthIn(value.other) > OTHER_LENGTH ? [[".other", "too_long", OTHER_LENGTH]] : [];
  }
  return keys(question.choices).includes(value) ? [] : [["", "unknown_choice"]];
}

function multiple(question, value) {
  if (!Array.isArray(value)) return [["", "malformed"]];
  const faults = value.flatMap((part) => choice(question, part));
  const known = value.map(keyOf).filter((key) => key !== null);
  if (new Set(known).size < known.length) faults.push(["", "twice"]);
  if (typeof question.min_choices === "number" && value.length < question.min_choices) faults.push(["", "too_few", question.min_choices]);
  if (isMore(value.length, question.max_choices)) faults.push(["", "too_many", question.max_choices]);
  return faults;
}

function someOf(value, known, most) {
  if (!Array.isArray(value)) return [["", "malformed"]];
  const faults = [];
  if (value.some((part) => !known.includes(part))) faults.push(["", "unknown_choice"]);
  const texts = value.filter(isText);
  if (new Set(texts).size < texts.length) faults.push(["", "twice"]);
  if (isMore(value.length, most)) faults.push(["", "too_many", most]);
  return faults;
}

function figure(value, least, most, start, step) {
  const number = numberOf(value);
  if (number === null) return [["", "not_a_number"]];
  if (typeof least === "number" && number < least) return [["", "too_small", least]];
  if (typeof most === "number" && number > most) return [["", "too_large", most]];
  if (typeof step === "number" && !isOnStep(number, start, step)) return [["", "not_a_step", step]];
  return [];
}

function matrix(question, value) {
  if (!isObject(value)) return [["", "malformed"]];
  const [rows, choices] = [keys(question.rows), keys(question.choices)];
  const faults = Object.keys(value).some((row) => !rows.includes(row)) ? [["", "malformed"]] : [];
  for (const row of rows) {
    const chosen = own(value, row);
    if (isEmpty(chosen)) {
      if (question.required) faults.push([`.${row}`, "missing"]);
    } else if (!choices.includes(chosen)) faults.push([`.${row}`, "unknown_choice"]);
  }
  return faults;
}

function text(question, value) {
  if (!isText(value)) return [["", "malformed"]];
  return lengthIn(value) > question.max_length ? [["", "too_long", question.max_length]] : [];
}

function isDay(words) {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(words);
  if (!found || found[1] === "0000") return false;
  const day = new Date(`${words}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(words);
}

function date(question, value) {
  if (!isText(value) || !isDay(value)) return [["", "not_a_date"]];
  if (question.earliest && value < question.earliest) return [["", "too_early", question.earliest]];
  if (question.latest && value > question.latest) return [["", "too_late", question.latest]];
  return [];
}

function isPosition(position) {
  if (!Array.isArray(position) || position.length < 2) return false;
  const [lon, lat] = position;
  return numberOf(lon) !== null && numberOf(lat) !== null && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

function isDrawn({ type, coordinates }) {
  if (type === "Point") return isPosition(coordinates);
  const ring = type === "Polygon" ? (Array.isArray(coordinates) && coordinates.length === 1 ? coordinates[0] : null) : coordinates;
  if (!Array.isArray(ring) || ring.length > MAX_VERTICES || !ring.every(isPosition)) return false;
  const places = new Set(ring.map(([lon, lat]) => `${lon} ${lat}`));
  if (type === "LineString") return ring.length > 1 && places.size > 1;
  const [first, last] = [ring[0], ring.at(-1)];
  return ring.length > 3 && places.size > 2 && first[0] === last[0] && first[1] === last[1] && areaOf(ring) > 0 && !crossesItself(ring);
}

/** [code, limit] of what is wrong with one place, or null. */
export function checkPlace(entry, shapes, largest, longest) {
  const isNamed = ["chosen", "text"].some((name) => isText(own(entry, name)) && !isBlank(entry[name]));
  const drawn = own(entry, "geometry") ?? null;
  if (drawn === null) return isNamed ? null : ["place_missing"];
  const shape = isObject(drawn) && isText(own(drawn, "type")) ? own(SHAPES, drawn.type) : undefined;
  if (!shape) return ["not_a_place"];
  if (!shapes.includes(shape)) return ["shape_not_allowed"];
  if (!isDrawn(drawn)) return ["not_a_place"];
  if (shape === "line" && isMore(lengthOf(drawn.coordinates), longest)) return ["line_too_long", longest];
  if (shape === "area" && isMore(areaOf(drawn.coordinates[0]), largest)) return ["area_too_large", largest];
  return null;
}

function places(question, value) {
  if (!Array.isArray(value)) return [["", "malformed"]];
  const faults = [];
  if (value.length < (question.min_places || 0)) faults.push(["", "too_few_places", question.min_places]);
  if (isMore(value.length, question.max_places)) faults.push(["", "too_many_places", question.max_places]);
  for (const [number, entry] of value.entries()) {
    const here = `[${number}]`;
    if (!isObject(entry)) { faults.push([here, "malformed"]); continue; }
    const fault = checkPlace(entry, question.shapes, question.max_area_m2, question.max_length_m);
    if (fault) faults.push([here, ...fault]);
    for (const asked of question.follow_up || []) {
      for (const [path, code, limit] of verdict(asked, own(entry.follow_up, asked.key))) faults.push([`${here}.${asked.key}${path}`, code, limit]);
    }
  }
  return faults;
}

function photo(question, value) {
  const code = own(value, "code");
  if (!isText(code) || isBlank(code) || lengthIn(code) > PHOTO_CODE_LENGTH) return [["", "malformed"]];
  if (!question.with_place) return [];
  const place = own(value, "place");
  const fault = checkPlace(isObject(place) ? place : {}, ["point"]);
  return fault ? [["[0]", ...fault]] : [];
}

function budget(question, value) {
  if (!isObject(value) || Object.keys(value).some((key) => !keys(question.items).includes(key))) return [["", "malformed"]];
  const faults = [];
  let spent = 0;
  for (const item of question.items) {
    const given = own(value, item.key);
    if (isEmpty(given)) { spent += item.cost_minimum; continue; }
    for (const [path, code, limit] of figure(given, item.cost_minimum, item.cost_maximum, item.cost_minimum, item.step)) faults.push([`.${item.key}${path}`, code, limit]);
    spent += numberOf(given) || 0;
  }
  if (spent > question.total) faults.push(["", "over_total", question.total]);
  return faults;
}

const CHECKS = {
  single: choice,
  multiple,
  ranking: (question, value) => someOf(value, keys(question.choices), question.max_ranks),
  scale: (question, value) => figure(value, question.minimum, question.maximum, question.minimum, 1),
  matrix,
  number: (question, value) => figure(value, question.minimum, question.maximum, question.minimum ?? 0, question.step),
  short_text: text,
  long_text: text,
  date,
  place: places,
  places_choice: (question, value) => someOf(value, keys(question.places), question.max_choices),
  photo,
  budget,
  consent: (question, value) => (value === true ? [] : [["", "malformed"]]),
};
