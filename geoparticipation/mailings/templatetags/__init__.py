"""Template tags of mailings."""
