"""Writes of accounts: one keyword-only function each."""
