"""Pictures that people send, made into pictures that tell nothing but what they show."""
