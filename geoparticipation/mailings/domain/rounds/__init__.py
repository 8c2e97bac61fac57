"""Rounds: a mailing split into walks, and these as files to print and to carry."""

from geoparticipation.mailings.domain.rounds.ask_for_rounds import ask_for_rounds, carry_out_plan
from geoparticipation.mailings.domain.rounds.plan_rounds import plan_rounds
from geoparticipation.mailings.domain.rounds.write_rounds import write_round, write_rounds

__all__ = ["ask_for_rounds", "carry_out_plan", "plan_rounds", "write_round", "write_rounds"]
