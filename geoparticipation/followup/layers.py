"""The map layer of measures."""

from __future__ import annotations

from django.conf import settings
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.models import Measure
from layers.layer import Layer
from layers.registry import register
from layers.versions import version_of

MEASURES = register(
    Layer(
        name="measures",
        title=_("Measures"),
        description=_("What is being built or done of people’s ideas"),
        queryset=lambda user: Measure.objects.on_map().with_place(),
        geometry="place",
        properties={
            "code": "contribution__code",
            "kind": Concat(Value("measure_"), "progress", output_field=CharField()),
            "title": "contribution__title",
            "progress": "progress",
            "text": "text",
            "done_on": "done_on",
            "spent": "spent",
            "consultation": "contribution__consultation__slug",
            "district": "contribution__district__name",
            "url": Concat(
                Value(f"{settings.SITE_URL}/contributions/"), Cast("contribution__code", CharField()), Value("/")
            ),
        },
        tile_properties=("code", "kind", "title", "progress"),
        id_property="code",
        label="title",
        order_by=("-changed_at", "pk"),
        version=version_of(Measure, Contribution, Consultation),
    )
)
