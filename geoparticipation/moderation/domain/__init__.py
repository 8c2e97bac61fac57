"""Writes of moderation: one keyword-only function each."""
