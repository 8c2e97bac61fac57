"""Writes of participatory budgets."""
