"""Writes of volunteering: the only way in for pages, commands and tasks."""
