"""Streams of what changes in workshops: server-sent events fed by PostgreSQL's NOTIFY (docs/adr/0028)."""
