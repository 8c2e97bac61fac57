"""Staged rows into the tables of the territory: COPY into a temporary table, then one set-based upsert."""
