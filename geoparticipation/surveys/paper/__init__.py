"""Surveys on paper: the printed form with its map of squares, and what is typed in from it."""
