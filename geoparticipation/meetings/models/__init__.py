"""Tables of meetings."""

from geoparticipation.meetings.models.meeting import Decision, Meeting
from geoparticipation.meetings.models.registration import Registration
from geoparticipation.meetings.models.workshop import Change, Dot, Note, NoteGroup, Workshop

__all__ = ["Change", "Decision", "Dot", "Meeting", "Note", "NoteGroup", "Registration", "Workshop"]
