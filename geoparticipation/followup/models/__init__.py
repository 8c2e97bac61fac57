"""Tables of the follow-up."""

from geoparticipation.followup.models.answer import AnswerNotice, Measure, OfficialAnswer
from geoparticipation.followup.models.case import Case, Reminder, Study
from geoparticipation.followup.models.commitment import CollegeMeeting, Commitment

__all__ = [
    "AnswerNotice",
    "Case",
    "CollegeMeeting",
    "Commitment",
    "Measure",
    "OfficialAnswer",
    "Reminder",
    "Study",
]
