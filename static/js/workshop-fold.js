// What the log of a workshop adds up to. A change is {seq, what, code, state}: from number seq on, the thing is so; a
// state of null says that a later change of the same thing tells it.

/**
 * Take changes into `state` ({seq, workshop, groups, notes}). What is known already is left out. Returns false where a
 * number is missing: then everything after state.seq has to be fetched from the log.
 */
export function fold(state, changes) {
  for (const { seq, what, code, state: now } of changes) {
    if (seq <= state.seq) continue;
    if (seq !== state.seq + 1) return false;
    state.seq = seq;
    if (now === null) continue;
    if (what === "workshop") state.workshop = now;
    else if (now.gone) delete state[`${what}s`][code];
    else state[`${what}s`][code] = now;
  }
  return true;
}

/** What is going on, in one word: as the server's `moment_of`. */
export function momentOf({ state, vote, locked }) {
  if (state !== "open") return state;
  if (vote === "open") return "vote";
  return locked ? "locked" : "open";
}
