"""Tables of participatory budgets."""

from geoparticipation.budgets.models.ballot import Ballot, BallotChoice, BallotEvent, PaperEntry
from geoparticipation.budgets.models.budget import Budget, Envelope
from geoparticipation.budgets.models.project import Project

__all__ = ["Ballot", "BallotChoice", "BallotEvent", "Budget", "Envelope", "PaperEntry", "Project"]
