"""Commands of mailings."""
