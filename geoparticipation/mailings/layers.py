"""The map layer of what came back of a mailing: for agents only.

There is no public one. Five letterboxes hide who answered only while some did and some did not; where all or none of
them did, the segment's rate says it of each, and that is nobody's business but the town hall's.
"""

from __future__ import annotations

from django.db.models import Case, Count, Exists, F, FloatField, IntegerField, OuterRef, Q, When
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.domain.small_groups import LEAST_TOLD
from geoparticipation.mailings.errors import UnknownMailing
from geoparticipation.mailings.models import MailingSegment, RoundEvent
from layers.layer import Layer, Rows, Viewer
from layers.registry import register
from neighbourhoods.permissions import is_agent

DELIVERED = Q(letterboxes__delivered_on__isnull=False)


def _told_segments(user: Viewer) -> Rows:
    """The segments whose response may be told, with it; nothing for anybody but agents."""
    if not is_agent(user):
        return MailingSegment.objects.none()
    noted = RoundEvent.objects.filter(round__mailing=OuterRef("mailing"))
    return (
        MailingSegment.objects.filter(is_told=True, geometry__isnull=False)
        .annotate(
            answered=Count("letterboxes", filter=Q(letterboxes__codes__uses__gt=0), distinct=True),
            delivered=Case(
                When(Exists(noted), then=Count("letterboxes", filter=DELIVERED, distinct=True)),
                default=F("letterbox_count"),
                output_field=IntegerField(),
            ),
            rate=Cast(F("answered"), FloatField()) / F("letterbox_count"),
        )
        .filter(Q(delivered__gte=LEAST_TOLD) | ~Exists(noted))
    )


def _of_one_mailing(rows: Rows, parameters: QueryDict) -> Rows:
    """Only those of `mailing`; raises UnknownMailing for what is no number."""
    asked = parameters.get("mailing")
    if asked is None:
        return rows
    if not asked.isascii() or not asked.isdigit() or len(asked) > 9:
        raise UnknownMailing
    return rows.filter(mailing_id=int(asked))


RESPONSE = register(
    Layer(
        name="mailing-response",
        title=_("Response to mailings"),
        description=_("How many letterboxes answered, by segment of a street"),
        queryset=_told_segments,
        properties={
            "id": "pk",
            "mailing": "mailing_id",
            "street": "street_name",
            "letterboxes": "letterbox_count",
            "delivered": "delivered",
            "answered": "answered",
            "rate": "rate",
        },
        label="street",
        geometry_types=("LineString",),
        is_public=False,
        is_open_to=is_agent,
        filters=_of_one_mailing,
        importance=("-letterbox_count", "pk"),
    )
)
