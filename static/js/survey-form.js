// The fields of one step of a survey as answers, the same that the server reads from the posted form.

const nameOf = (path) => "q." + path.replaceAll("[", ".").replaceAll("]", "");
const OTHER_CHOSEN = "_other";

/** A number with point or comma; else the text, which is then told to be none. */
function figure(text) {
  const plain = text.replace(/\s/g, "").replaceAll(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : text;
}

class StepReader {
  constructor(form) {
    this.data = new FormData(form);
  }

  text(path) {
    const said = this.data.get(nameOf(path));
    return typeof said === "string" ? said : "";
  }

  other(path) {
    return { other: this.text(`${path}.other`) };
  }

  read(question, path) {
    switch (question.kind) {
      case "single": return question.other && this.text(path) === OTHER_CHOSEN ? this.other(path) : this.text(path);
      case "multiple": return this.data.getAll(nameOf(path)).map((one) => (question.other && one === OTHER_CHOSEN ? this.other(path) : one));
      case "places_choice": return this.data.getAll(nameOf(path));
      case "ranking": return question.choices.map((choice, n) => this.text(`${path}.${n + 1}`)).filter(Boolean);
      case "matrix": return this.several(question.rows, path, (words) => words);
      case "budget": return this.several(question.items, path, figure);
      case "scale":
      case "number": return figure(this.text(path));
      case "consent": return this.data.has(nameOf(path));
      case "place": return this.places(question, path);
      case "photo": return null; // the server alone knows what it keeps
      default: return this.text(path);
    }
  }

  several(things, path, make) {
    return Object.fromEntries(things.map(({ key }) => [key, this.text(`${path}.${key}`).trim()]).filter(([, said]) => said).map(([key, said]) => [key, make(said)]));
  }

  places(question, path) {
    const entries = [];
    for (let n = 0; n < Number(this.data.get(nameOf(`${path}._count`))); n += 1) {
      const here = `${path}[${n}]`;
      const entry = { follow_up: {} };
      const drawn = this.text(`${here}._geometry`).trim();
      if (drawn) { try { entry.geometry = JSON.parse(drawn); } catch { entry.geometry = drawn; } }
      for (const [member, field] of [["chosen", "_place"], ["text", "_text"]]) {
        const words = this.text(`${here}.${field}`).trim();
        if (words) entry[member] = words;
      }
      for (const asked of question.follow_up || []) {
        const value = this.read(asked, `${here}.${asked.key}`);
        if (value !== "" && !(Array.isArray(value) && !value.length)) entry.follow_up[asked.key] = value;
      }
      if (Object.keys(entry).length > 1 || Object.keys(entry.follow_up).length) entries.push(entry);
    }
    return entries;
  }
}

/** Answers to the questions that are in the form, by key; photos are left to the server. */
export function readStep(form, questions) {
  const reader = new StepReader(form);
  const asked = questions.filter(({ key, kind }) => kind !== "photo" && form.querySelector(`[data-question="${key}"]`));
  return Object.fromEntries(asked.map((question) => [question.key, reader.read(question, question.key)]));
}

export { nameOf };
