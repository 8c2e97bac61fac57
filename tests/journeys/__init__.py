"""Journeys through the whole site in a browser."""
