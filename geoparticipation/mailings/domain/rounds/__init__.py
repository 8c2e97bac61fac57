"""Rounds: a mailing split into walks, and these as files to print and to carry."""

from geoparticipation.mailings.domain.rounds.plan_rounds import plan_rounds
from geoparticipation.mailings.domain.rounds.write_rounds import write_rounds

__all__ = ["plan_rounds", "write_rounds"]
