"""Writes of mailings: one keyword-only function each."""
