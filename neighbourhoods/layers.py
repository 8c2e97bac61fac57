"""Map layers of the territory."""
