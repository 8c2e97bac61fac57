"""What people put in: proposals, comments, support."""
