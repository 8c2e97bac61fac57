"""The map layer of councils."""

from __future__ import annotations

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from geoparticipation.councils.models import Council
from layers.layer import Layer
from layers.registry import register

COUNCILS = register(
    Layer(
        name="councils",
        title=_("Neighbourhood councils"),
        description=_("The area of each neighbourhood council"),
        queryset=lambda user: Council.objects.active().filter(area__geometry__isnull=False),
        geometry="area__geometry",
        geometry_types=("Polygon",),
        properties={
            "id": "slug",
            "name": "name",
            "area_m2": F("area__area_m2"),
            "url": Concat(Value(f"{settings.SITE_URL}/councils/"), "slug", Value("/")),
        },
        tile_properties=("id", "name"),
        label="name",
        order_by=("name", "pk"),
    )
)
