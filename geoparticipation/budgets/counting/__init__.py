"""From ballots to winners: pure functions on plain values, with the rules of pabutools."""
