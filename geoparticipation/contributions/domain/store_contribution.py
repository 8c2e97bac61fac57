"""Writing a contribution down, once every rule was checked and its place is found."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import F

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.contributions import rules
from geoparticipation.contributions.domain.placement import Placement
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution, ContributionDistrict


def store_contribution(
    *,
    actor: Actor,
    consultation: Consultation,
    phase: Phase | None,
    kind: str,
    status: str,
    origin: str,
    placement: Placement,
    at: datetime,
    typed_address: str = "",
    author_name: str = "",
    title: str = "",
    body: str = "",
    language: str = "",
    device: Device | None = None,
    parent: Contribution | None = None,
) -> Contribution:
    """Store a contribution with its place, and count it with its parent; to be called in a transaction.

    Checks nothing: what takes a kind in does (`submit_contribution` for ideas and comments). What staff enter for
    somebody has no author; what they enter of their own belongs to no phase. The text is stored as it comes, and a
    language that the site does not know is not. Sends nothing. Two statements, three with an idea that is commented on.
    """
    contribution = Contribution.objects.create(
        kind=kind,
        consultation=consultation,
        phase=phase,
        author=actor.user if origin in rules.OWN_ORIGINS else None,
        device=device,
        author_name=author_name,
        parent=parent,
        title=title,
        body=body,
        language=language if language in dict(settings.LANGUAGES) else "",
        status=status,
        origin=origin,
        geometry=placement.geometry,
        public_geometry=placement.public_geometry,
        located_by=placement.located_by,
        typed_address=typed_address,
        district_id=placement.district_id,
        street_id=placement.street_id,
        submitted_at=at,
    )
    ContributionDistrict.objects.bulk_create(
        ContributionDistrict(contribution=contribution, district_id=pk, share=min(share, 1.0))
        for pk, share in placement.shares
    )
    if parent is not None and status == Status.PUBLISHED:
        Contribution.objects.filter(pk=parent.pk).update(comment_count=F("comment_count") + 1)
    return contribution
