"""Writes and look-ups of the territory."""
