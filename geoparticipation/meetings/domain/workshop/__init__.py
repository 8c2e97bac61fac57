"""Writes of online workshops: each locks the workshop, changes, and writes the change into its log."""
