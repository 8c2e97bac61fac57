"""Reads about consultations."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from geoparticipation.consultations.models import Consultation


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
