"""What agents decide about contributions, and the queue they work from."""
