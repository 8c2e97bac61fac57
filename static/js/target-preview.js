// Asks the server what the parts reach: a moment after the last change; only the latest answer counts.

import { written } from "gp/target-rows";

const PAUSE_MS = 220;

export class Preview {
  /** `tell` gets ("empty"), ("working"), ("ready", result) or ("error", {detail, part}). */
  constructor({ address, token, tell }) {
    Object.assign(this, { address, token, tell });
  }

  schedule(parts, pause = PAUSE_MS) {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.parts = parts;
    if (!parts.some((part) => part.operation === "include")) {
      this.tell("empty");
      return;
    }
    this.tell("working");
    this.timer = setTimeout(() => this.ask(), pause);
  }

  retry() {
    this.schedule(this.parts, 0);
  }

  async ask() {
    const asking = (this.asking = new AbortController());
    let body;
    try {
      body = JSON.stringify({ parts: this.parts.map(written) });
    } catch {
      this.tell("error", { detail: "" });
      return;
    }
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        body,
        signal: asking.signal,
        headers: { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": document.documentElement.lang, "X-CSRFToken": this.token },
      });
      const result = await answer.json().catch(() => ({}));
      if (asking !== this.asking) return;
      if (answer.ok) this.tell("ready", result);
      else this.tell("error", { detail: result.detail, part: Number(/parts\[(\d+)\]/.exec(result.field ?? "")?.[1] ?? -1) });
    } catch (error) {
      if (error.name !== "AbortError" && asking === this.asking) this.tell("error", { offline: true });
    }
  }
}
