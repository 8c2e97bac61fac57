"""Participatory budgets: envelopes, projects, ballots and how they are counted."""
