"""Photos as people send them, made into pictures that tell nothing but what they show."""
