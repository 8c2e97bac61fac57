"""The layers that exports write: the public one, and what planners and moderators see beyond it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, QuerySet, TextField, Value
from django.db.models.expressions import Combinable

from geoparticipation.contributions.enums import Scope
from geoparticipation.contributions.kinds import KINDS
from geoparticipation.contributions.layers import layer_at
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from layers.exports.extract import Marks
from layers.layer import Layer

MARKS: Final = Marks(property="kind", colours={str(kind): known.colour for kind, known in KINDS.items()})
"""As on the site's own map."""

_PLANNING: Final[dict[str, str | Combinable]] = {
    "phase": "phase__kind",
    "origin": "origin",
    "located_by": "located_by",
    "language": "language",
    "comment_count": "comment_count",
    "updated_at": "updated_at",
}
_INTERNAL: Final[dict[str, str | Combinable]] = {
    **_PLANNING,
    "author_name": "author_name",
    "typed_address": "typed_address",
    "reviewed_at": "reviewed_at",
}
_BEYOND_PUBLIC: Final[dict[Scope, dict[str, str | Combinable]]] = {
    Scope.PUBLIC: {},
    Scope.PLANNING: _PLANNING,
    Scope.INTERNAL: _INTERNAL,
}


def export_layer(scope: Scope, *, site: str, structured: bool) -> Layer:
    """The layer of a scope, its `url` at `site`; the caller has made sure that the reader may have it.

    Not registered: no tile and no address gives it. The place is the public one but in INTERNAL. Where a format is
    not `structured`, the districts are two texts, `districts` (names) and `district_codes`, the larger level first.
    """
    layer = layer_at(site)
    properties: dict[str, str | Combinable] = {}
    for name, source in layer.properties.items():
        if name == "districts" and not structured:
            properties |= {"districts": _joined("district__name"), "district_codes": _joined("district__code")}
        else:
            properties[name] = source
    return replace(
        layer,
        properties=properties | _BEYOND_PUBLIC[scope],
        tile_properties=(),
        geometry="geometry" if scope is Scope.INTERNAL else "public_geometry",
        is_public=scope is Scope.PUBLIC,
    )


def rows_of(scope: Scope, user: Any) -> QuerySet[Contribution]:
    """The contributions that an export of the scope chooses from: INTERNAL has all that this moderator sees."""
    if scope is Scope.INTERNAL:
        return Contribution.objects.visible_to(user)
    return Contribution.objects.public()


def _joined(field: str) -> Func:
    names = (
        ContributionDistrict.objects.filter(contribution=OuterRef("pk"))
        .order_by("district__release__level__rank", "-share", "district__code")
        .values(field)
    )
    return Func(ArraySubquery(names), Value("; "), function="array_to_string", output_field=TextField())
