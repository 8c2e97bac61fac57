"""Writes of the follow-up: the only way in for pages, commands and tasks."""
