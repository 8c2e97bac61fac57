"""Walking a round: the link that opens it on a phone, what is noted there, and what agents make of it."""
