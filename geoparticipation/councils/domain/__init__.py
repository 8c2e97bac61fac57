"""Writes of councils: the only way in for pages and commands."""
