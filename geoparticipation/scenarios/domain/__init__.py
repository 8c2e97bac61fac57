"""Writes of plans, one function each."""
