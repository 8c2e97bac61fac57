"""The indicators."""
