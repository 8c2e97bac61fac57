"""The map layer of contributions."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.cells import DENSITY
from geoparticipation.contributions.filters import filter_contributions
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from layers.layer import Clustering, Layer
from layers.registry import register
from layers.versions import version_of
from neighbourhoods.models import BoundaryRelease, District, DistrictLevel, Street, StreetName


def _address(site: str) -> Concat:
    """Address of each contribution's page on the site."""
    return Concat(Value(f"{site}/contributions/"), Cast("code", CharField()), Value("/"))


_DISTRICTS = ArraySubquery(
    ContributionDistrict.objects.filter(contribution=OuterRef("pk"), district__release__is_current=True)
    .order_by("district__release__level__rank", "-share", "district__code")
    .values(json=JSONObject(code="district__code", name="district__name", level="district__release__level__name"))
)

CONTRIBUTIONS = register(
    Layer(
        name="contributions",
        title=_("Contributions"),
        description=_("Ideas and comments that are online"),
        queryset=lambda user: Contribution.objects.public(),
        geometry="public_geometry",
        properties={
            "code": "code",
            "kind": "kind",
            "title": "title",
            "body": "body",
            "status": "status",
            "consultation": "consultation__slug",
            "districts": _DISTRICTS,
            "street": "street__name",
            "support_count": "support_count",
            "submitted_at": "submitted_at",
            "parent": "parent__code",
            "url": _address(settings.SITE_URL),
        },
        tile_properties=("code", "kind", "title", "status", "support_count", "consultation"),
        id_property="code",
        label="title",
        filters=filter_contributions,
        order_by=("-submitted_at", "-pk"),
        importance=("-support_count", "-pk"),
        version=version_of(
            Consultation,
            Contribution,
            ContributionDistrict,
            BoundaryRelease,
            District,
            DistrictLevel,
            Street,
            StreetName,
        ),
        clustering=Clustering(below_zoom=14, counts_by=("kind",), source=DENSITY),
    )
)


def layer_at(site: str) -> Layer:
    """The layer with `url` pointing to the site as the client reached it (scheme and host, no slash)."""
    return replace(CONTRIBUTIONS, properties={**CONTRIBUTIONS.properties, "url": _address(site)})
