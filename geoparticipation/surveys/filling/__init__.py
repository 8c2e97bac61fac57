"""Filling a survey in on pages: one section a step, with or without scripts."""
