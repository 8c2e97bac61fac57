"""Writes of meetings: the only way in for pages, commands and tasks."""
