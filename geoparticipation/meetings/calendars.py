"""Meetings as calendar entries (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Final

from icalendar import Calendar, Event, vGeo

from geoparticipation.meetings.enums import MeetingState
from geoparticipation.meetings.models import Meeting

_STATUS: Final = {
    MeetingState.DRAFT: "TENTATIVE",
    MeetingState.ANNOUNCED: "CONFIRMED",
    MeetingState.CANCELLED: "CANCELLED",
}


def calendar_of(meetings: Iterable[Meeting], *, name: str, site: str) -> bytes:
    """A calendar of these meetings, moments in UTC, with the site's address of each; `site` without a slash.

    A meeting keeps its UID, and SEQUENCE grows with its changes, so that calendars replace it. GEO is a point of its
    place, latitude first, as the standard wants it.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//geoparticipation//meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    host = site.partition("://")[2]
    for meeting in meetings:
        event = Event()
        event.add("uid", f"{meeting.code}@{host}")
        event.add("dtstamp", meeting.updated_at.astimezone(UTC))
        event.add("dtstart", meeting.starts_at.astimezone(UTC))
        event.add("dtend", meeting.ends_at.astimezone(UTC))
        event.add("sequence", meeting.changes)
        event.add("summary", meeting.title)
        event.add("status", _STATUS[MeetingState(meeting.state)])
        event.add("url", f"{site}/meetings/{meeting.code}/")
        if text := "\n\n".join(part for part in (meeting.text, meeting.programme, meeting.link) if part):
            event.add("description", text)
        if meeting.place_name:
            event.add("location", meeting.place_name)
        if meeting.geometry is not None:
            point = meeting.geometry if meeting.geometry.geom_type == "Point" else meeting.geometry.point_on_surface
            event.add("geo", vGeo((round(point.y, 6), round(point.x, 6))))
        calendar.add_component(event)
    return bytes(calendar.to_ical())
