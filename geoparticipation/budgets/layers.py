"""The map layer of projects that are voted on, and of what was decided."""

from __future__ import annotations

from django.conf import settings
from django.db.models import BooleanField, CharField, F, FloatField, Func, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.models import Budget, Project
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from layers.layer import Layer
from layers.registry import register
from layers.versions import version_of

_WON = Func(
    F("project__budget__counted"),
    Value("findings"),
    F("project__number"),
    Value("won"),
    function="jsonb_extract_path_text",
    output_field=CharField(),
)

PROJECTS = register(
    Layer(
        name="projects",
        title=_("Projects of participatory budgets"),
        description=_("What people vote on or voted on, what it costs, and once it is counted whether it is in"),
        queryset=lambda user: Contribution.objects.public().filter(project__state=ProjectState.SHORTLISTED),
        geometry="public_geometry",
        properties={
            "code": "code",
            "number": "project__number",
            "title": "title",
            "category": "project__category",
            "cost": Cast("project__cost", FloatField()),
            "upkeep": Cast("project__upkeep", FloatField()),
            "currency": "project__budget__currency",
            "won": Cast(_WON, BooleanField()),
            "consultation": "consultation__slug",
            "district": "district__name",
            "url": Concat(Value(f"{settings.SITE_URL}/contributions/"), Cast("code", CharField()), Value("/")),
        },
        tile_properties=("code", "number", "title", "cost", "won"),
        id_property="code",
        label="title",
        order_by=("consultation__slug", "project__position", "pk"),
        version=version_of(Contribution, Consultation, Project, Budget),
    )
)
