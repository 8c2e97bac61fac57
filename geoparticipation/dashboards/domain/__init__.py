"""Writes of dashboards: one keyword-only function each."""
