"""Management commands of participatory budgets."""
