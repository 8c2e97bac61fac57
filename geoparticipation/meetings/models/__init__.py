"""Tables of meetings."""

from geoparticipation.meetings.models.meeting import Decision, Meeting
from geoparticipation.meetings.models.registration import Registration

__all__ = ["Decision", "Meeting", "Registration"]
