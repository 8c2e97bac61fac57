"""Reads about consultations."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from geoparticipation.accounts.models import User
from geoparticipation.consultations.errors import UnknownConsultation
from geoparticipation.consultations.models import Consultation


def get_consultation_for(user: User | AnonymousUser | None, slug: str) -> Consultation:
    """The consultation of this slug as far as this person may see it; raises UnknownConsultation. Two queries.

    Comes with its target (without the geometry) and its phases.
    """
    found = (
        Consultation.objects.visible_to(user)
        .filter(slug=slug)
        .select_related("target")
        .defer("target__geometry")
        .prefetch_related("phases")
        .first()
    )
    if found is None:
        raise UnknownConsultation
    return found


def with_figures(consultations: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """Annotate what is online: `idea_count`, `comment_count`, and the supports of both as `support_count`.

    One subquery each, so that they do not multiply one another.
    """
    # Contributions belong to an app above this one: reached through the relation, not imported.
    contributions = Consultation._meta.get_field("contributions").related_model
    online = (
        contributions.objects.public()  # type: ignore[union-attr]
        .filter(consultation=OuterRef("pk"))
        .order_by()
        .values("consultation")
    )

    def figure(aggregate: Count | Sum) -> Coalesce:
        return Coalesce(Subquery(online.annotate(figure=aggregate).values("figure")), 0, output_field=IntegerField())

    return consultations.annotate(
        idea_count=figure(Count("pk", filter=Q(parent__isnull=True))),
        comment_count=figure(Count("pk", filter=Q(parent__isnull=False))),
        support_count=figure(Sum("support_count")),
    )
