"""What waits for a moderator."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution


def queue_for(user: User) -> QuerySet[Contribution]:
    """What this person should read next, oldest first: waiting, then online and not read yet. Empty for others.

    Comes with consultation, author, parent, district, street and the project that it may be, so that a list takes one
    query, and one for the photos.
    """
    if not user.is_moderator:
        return Contribution.objects.none()
    waiting = Q(status=Status.SUBMITTED) | Q(status=Status.PUBLISHED, reviewed_at__isnull=True)
    return (
        Contribution.objects.filter(waiting)
        .select_related("consultation", "author", "parent", "district", "street", "project")
        .prefetch_related("photos")
        .order_by("-status", "submitted_at", "pk")  # "submitted" sorts after "published": waiting first
    )
