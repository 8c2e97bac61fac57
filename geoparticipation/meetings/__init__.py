"""Meetings: where and when people come together, who comes, and what was decided."""
