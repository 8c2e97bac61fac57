"""What moderators decide: the only way in for pages, API and admin."""

from geoparticipation.moderation.domain.decide import decide, mark_read

__all__ = ["decide", "mark_read"]
