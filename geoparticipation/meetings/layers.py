"""The map layer of meetings."""

from __future__ import annotations

from django.conf import settings
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.meetings.models import Meeting
from layers.layer import Layer
from layers.registry import register
from layers.versions import version_of

MEETINGS = register(
    Layer(
        name="meetings",
        title=_("Meetings"),
        description=_("Meetings that were announced, with their place in the town"),
        queryset=lambda user: Meeting.objects.public().filter(geometry__isnull=False),
        properties={
            "code": "code",
            "title": "title",
            "state": "state",
            "starts_at": "starts_at",
            "ends_at": "ends_at",
            "place": "place_name",
            "consultation": "consultation__slug",
            "url": Concat(Value(f"{settings.SITE_URL}/meetings/"), Cast("code", CharField()), Value("/")),
        },
        tile_properties=("code", "title", "state", "starts_at"),
        id_property="code",
        label="title",
        order_by=("starts_at", "pk"),
        version=version_of(Meeting, Consultation),
    )
)
