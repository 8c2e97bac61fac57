"""The territory (districts, streets, addresses) and who lives where (targets)."""
