"""Writes of consultations: one keyword-only function each."""
