"""Mailing lists: a target's letterboxes, written to a file, and who fetched them."""
