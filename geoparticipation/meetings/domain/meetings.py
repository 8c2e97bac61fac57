"""Making, announcing and cancelling meetings, and writing down what they decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.rules import may_manage
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.text import clean_text
from geoparticipation.councils.models import Council, CouncilConsultation
from geoparticipation.councils.rules import require_may_hold_meetings
from geoparticipation.meetings.domain.registrations import fill_places
from geoparticipation.meetings.domain.workshop.facilitating import close_with_meeting
from geoparticipation.meetings.enums import MeetingState, RegistrationState
from geoparticipation.meetings.errors import MeetingIncomplete, NotAnnounced
from geoparticipation.meetings.models import Decision, Meeting
from layers.geometry import check_geometry
from neighbourhoods.domain.territory import territory_covers

LONGEST: Final = timedelta(days=14)
MOST_DECISIONS: Final = 50
_LENGTHS: Final = {"title": 120, "text": 5000, "programme": 2000, "place_name": 200, "minutes": 20_000}
# What somebody who registered has to know of when it changes.
_TOLD: Final = ("starts_at", "ends_at", "place_name", "geometry", "link")


@transaction.atomic
def save_meeting(
    *,
    agent: User,
    meeting: Meeting | None = None,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    consultation: Consultation | None = None,
    council: Council | None = None,
    text: str = "",
    programme: str = "",
    place_name: str = "",
    geometry: GEOSGeometry | None = None,
    link: str = "",
    registers: bool = False,
    capacity: int | None = None,
    language: str = "",
    at: datetime | None = None,
) -> Meeting:
    """Store a meeting (a draft when new). `geometry` in SRID 4326, inside the territory.

    Of an announced one whoever registered is told by e-mail when day, place or link change, and more places go to who
    waits; nobody is once it is over. `agent` may be a councillor of `council`: then a consultation is one that this
    council started, or the one that an agent gave the meeting. Raises NotAllowed, MeetingIncomplete, OutsideTerritory
    and what `check_geometry` raises.
    """
    require_may_hold_meetings(agent, council)
    if meeting is None:
        kept = Meeting(made_by=agent)
    else:
        kept = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        require_may_hold_meetings(agent, kept.council)
    as_it_is = consultation is not None and consultation.pk == kept.consultation_id
    if not may_manage(agent) and not as_it_is and not _is_own(consultation, council):
        raise MeetingIncomplete(_("Choose a consultation of your council, or none."), field="consultation")
    said: dict[str, Any] = {
        "title": _words(title, "title", lines=False),
        "text": _words(text, "text"),
        "programme": _words(programme, "programme"),
        "place_name": _words(place_name, "place_name", lines=False),
        "geometry": check_geometry(geometry) if geometry is not None else None,
        "link": _link(link),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "consultation": consultation,
        "council": council,
        "registers": registers,
        "capacity": capacity,
        "language": language,
    }
    if not said["title"]:
        raise MeetingIncomplete(_("Give the meeting a title."), field="title")
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise MeetingIncomplete(_("It ends after it begins, within two weeks."), field="ends_at")
    if said["geometry"] is None and not said["link"]:
        raise MeetingIncomplete(_("Say where it is: a place in the town, a link, or both."), field="place_text")
    if said["geometry"] is not None and not territory_covers(said["geometry"]):
        raise OutsideTerritory
    if capacity is not None and capacity < 1:
        raise MeetingIncomplete(_("Give at least one place, or leave this empty."), field="capacity")
    moved = kept.pk is not None and any(getattr(kept, name) != said[name] for name in _TOLD)
    for name, value in said.items():
        setattr(kept, name, value)
    kept.changes += kept.pk is not None
    kept.save()
    if kept.state == MeetingState.ANNOUNCED and kept.ends_at > (at or timezone.now()):
        fill_places(kept)
        if moved:
            kept.registrations.update(reminded_at=None)
            _queue_news(kept, "moved")
    return kept


def _words(text: str, field: str, *, lines: bool = True) -> str:
    text = clean_text(text, lines=lines)
    if len(text) > _LENGTHS[field]:
        raise MeetingIncomplete(
            _("Shorten this to %(longest)d characters.") % {"longest": _LENGTHS[field]}, field=field
        )
    return text


def _link(link: str) -> str:
    if link:
        try:
            URLValidator(schemes=["https", "http"])(link)
        except ValidationError:
            raise MeetingIncomplete(_("This is no address of a web page."), field="link") from None
        if len(link) > 200:
            raise MeetingIncomplete(_("Shorten this to %(longest)d characters.") % {"longest": 200}, field="link")
    return link


def _is_own(consultation: Consultation | None, council: Council | None) -> bool:
    return (
        consultation is None or CouncilConsultation.objects.filter(consultation=consultation, council=council).exists()
    )


def announce_meeting(*, agent: User, meeting: Meeting, at: datetime | None = None) -> Meeting:
    """Show a draft to everybody. Raises NotAllowed, NotAnnounced (no draft, or over)."""
    require_may_hold_meetings(agent, meeting.council)
    changed = Meeting.objects.filter(pk=meeting.pk, state=MeetingState.DRAFT, ends_at__gt=at or timezone.now()).update(
        state=MeetingState.ANNOUNCED, changes=F("changes") + 1, updated_at=timezone.now()
    )
    if not changed:
        raise NotAnnounced
    meeting.refresh_from_db()
    return meeting


@transaction.atomic
def cancel_meeting(*, agent: User, meeting: Meeting, at: datetime | None = None) -> Meeting:
    """Cancel what is announced and not over; it stays on the list, and who registered is told by e-mail.

    Its workshop is closed with it. Raises NotAllowed, NotAnnounced.
    """
    require_may_hold_meetings(agent, meeting.council)
    changed = Meeting.objects.filter(
        pk=meeting.pk, state=MeetingState.ANNOUNCED, ends_at__gt=at or timezone.now()
    ).update(state=MeetingState.CANCELLED, changes=F("changes") + 1, updated_at=timezone.now())
    if not changed:
        raise NotAnnounced
    meeting.refresh_from_db()
    close_with_meeting(meeting)
    _queue_news(meeting, "cancelled")
    return meeting


@transaction.atomic
def write_minutes(
    *, agent: User, meeting: Meeting, minutes: str, decisions: Sequence[tuple[str, Contribution | None]]
) -> Meeting:
    """Write what was said and decided, in place of what was written before; everybody reads it.

    `decisions` are sentences, each with the idea that it is about, or None; empty ones are left out. Raises NotAllowed,
    MeetingIncomplete, NotAnnounced (a draft).
    """
    kept = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    require_may_hold_meetings(agent, kept.council)
    if kept.state == MeetingState.DRAFT:
        raise NotAnnounced
    kept.minutes = _words(minutes, "minutes")
    cleaned = [(clean_text(text, lines=False), idea) for text, idea in decisions]
    cleaned = [(text, idea) for text, idea in cleaned if text]
    if len(cleaned) > MOST_DECISIONS:
        raise MeetingIncomplete(_("Fifty decisions at the most."), field="decisions")
    if any(len(text) > 500 for text, _idea in cleaned):
        raise MeetingIncomplete(_("Shorten this to %(longest)d characters.") % {"longest": 500}, field="decisions")
    kept.save(update_fields=["minutes", "updated_at"])
    kept.decisions.all().delete()
    Decision.objects.bulk_create(
        Decision(meeting=kept, position=position, text=text, contribution=idea)
        for position, (text, idea) in enumerate(cleaned, start=1)
    )
    return kept


def _queue_news(meeting: Meeting, what: str) -> None:
    from geoparticipation.meetings.tasks import tell_registered

    if meeting.registrations.exclude(state=RegistrationState.WITHDRAWN).filter(user__isnull=False).exists():
        tell_registered.defer(meeting_id=meeting.pk, what=what)
