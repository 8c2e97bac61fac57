"""Consultations when the boundaries change: they keep their target, with the districts it was made of."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from neighbourhoods.domain.boundaries import Follower, register_follower
from neighbourhoods.models import BoundaryRelease


def _titles(release: BoundaryRelease) -> list[str]:
    """Titles of the consultations whose target has a district of the release."""
    found = Consultation.objects.filter(target__parts__district__release=release).distinct().order_by("title", "pk")
    return list(found.values_list("title", flat=True))


CONSULTATIONS = register_follower(Follower(kind="consultations", label=_("consultations"), references=_titles))
