"""Neighbourhood councils: their area, their members, and what they may start in it."""
