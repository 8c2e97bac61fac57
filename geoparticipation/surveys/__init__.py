"""Questions put to the people of a target, and their answers, each with a place."""
