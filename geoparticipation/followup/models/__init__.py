"""Tables of the follow-up."""

from geoparticipation.followup.models.answer import AnswerNotice, OfficialAnswer
from geoparticipation.followup.models.case import Case, Reminder, Study
from geoparticipation.followup.models.commitment import CollegeMeeting, Commitment
from geoparticipation.followup.models.measure import Measure, MeasurePhoto

__all__ = [
    "AnswerNotice",
    "Case",
    "CollegeMeeting",
    "Commitment",
    "Measure",
    "MeasurePhoto",
    "OfficialAnswer",
    "Reminder",
    "Study",
]
