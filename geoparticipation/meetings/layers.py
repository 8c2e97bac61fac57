"""The map layer of meetings."""

from __future__ import annotations

from django.conf import settings
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.meetings.enums import MeetingState
from geoparticipation.meetings.models import Meeting
from layers.layer import Layer, Rows
from layers.registry import register
from layers.versions import version_of

_STORED = version_of(Meeting, Consultation)


def _version() -> str:
    """What is to come changes with the day, too."""
    return f"{_STORED()}-{timezone.localdate()}"


def _filter(rows: Rows, parameters: QueryDict) -> Rows:
    """`to_come`: only what takes place today or later."""
    if not parameters.get("to_come"):
        return rows
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return rows.filter(state=MeetingState.ANNOUNCED, ends_at__gte=today)


MEETINGS = register(
    Layer(
        name="meetings",
        title=_("Meetings"),
        description=_("Meetings that were announced, with their place in the town"),
        queryset=lambda user: Meeting.objects.public().filter(geometry__isnull=False),
        properties={
            "code": "code",
            "kind": Value("meeting", output_field=CharField()),
            "title": "title",
            "state": "state",
            "starts_at": "starts_at",
            "ends_at": "ends_at",
            "place": "place_name",
            "consultation": "consultation__slug",
            "url": Concat(Value(f"{settings.SITE_URL}/meetings/"), Cast("code", CharField()), Value("/")),
        },
        tile_properties=("code", "kind", "title", "state", "starts_at"),
        id_property="code",
        label="title",
        order_by=("starts_at", "pk"),
        version=_version,
        filters=_filter,
    )
)
