"""Template tags of participatory budgets."""
