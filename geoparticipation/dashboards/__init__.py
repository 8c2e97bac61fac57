"""Results on a map and in a table; no tables of its own."""
