// Following the log of a workshop: by a stream where there is one, else by asking each second. While a stream does not
// say anything (it is not reached, or a proxy holds it back) the page asks.

import { fold } from "gp/workshop-fold";

const EACH_MS = 1000;
const HIDDEN_MS = 5000;
const MOST_WAIT_MS = 15_000;
const STREAM_AGAIN_MS = 30_000;
const SILENT_MS = 40_000; // the server says something at least every 15 s

export class Following {
  /** `settings` {state, changes, stream}; `changed(count)` after each change, `tell("live" | "polled" | "lost")`. */
  constructor(settings, changed, tell) {
    Object.assign(this, { settings, changed, tell, state: settings.state, failures: 0, streams: false, asking: null });
    this.ask();
    if (settings.stream) this.listen();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask(); });
  }

  take(changes) {
    const before = this.state.seq;
    const whole = fold(this.state, changes);
    if (this.state.seq > before) this.changed(this.state.seq - before);
    return whole;
  }

  listen() {
    const source = new EventSource(`${this.settings.stream}?after=${this.state.seq}`);
    let silence;
    // A connection that is lost without a word (a phone that changes its network) ends in no error: it only says nothing.
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => { source.close(); this.streams = false; this.ask(); this.listen(); }, SILENT_MS);
    };
    for (const said of ["hello", "beat", "message"]) source.addEventListener(said, heard);
    source.addEventListener("hello", () => { this.streams = true; clearTimeout(this.timer); this.tell("live"); this.ask(); });
    source.addEventListener("reload", () => { source.close(); location.reload(); });
    source.addEventListener("message", ({ data }) => { if (!this.take([JSON.parse(data)])) this.ask(); });
    source.addEventListener("error", () => {
      clearTimeout(silence);
      this.streams = false;
      this.later();
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself, from the last number it has
      setTimeout(() => this.listen(), STREAM_AGAIN_MS);
    });
  }

  /** Ask what is new, now. */
  ask() {
    this.asking ??= this.fetchChanges().finally(() => { this.asking = null; this.later(); });
    return this.asking;
  }

  later() {
    clearTimeout(this.timer);
    if (this.streams || this.over) return;
    const wait = document.hidden ? HIDDEN_MS : EACH_MS;
    this.timer = setTimeout(() => this.ask(), Math.min(MOST_WAIT_MS, wait * 2 ** this.failures) * (0.9 + Math.random() * 0.2));
  }

  async fetchChanges() {
    try {
      for (;;) {
        const answer = await fetch(`${this.settings.changes}?after=${this.state.seq}`, { headers: { Accept: "application/json" } });
        if (answer.status === 404) { this.over = true; return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const { seq, changes } = await answer.json();
        this.failures = 0;
        if (seq < this.state.seq && !changes.length && !this.streams) { location.reload(); return; }
        this.take(changes);
        if (!changes.length || this.state.seq >= seq) break;
      }
      this.tell(this.streams ? "live" : "polled");
    } catch {
      this.failures += 1;
      if (!this.streams) this.tell("lost");
    }
  }
}
