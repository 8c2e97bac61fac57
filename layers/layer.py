"""What a map layer is: a queryset with a geometry, its public properties and its one visibility rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import QueryDict

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from layers.density import MaintainedDensity

# A signed-in person or AnonymousUser; layers asks nothing of it but hands it to the layer's own rule.
Viewer = Any
Rows = QuerySet[Any]


def _unfiltered(queryset: Rows, parameters: QueryDict) -> Rows:
    return queryset


@dataclass(frozen=True)
class Clustering:
    """Below `below_zoom` a tile shows counts instead of single features.

    `counts_by` names properties whose values are counted apart: `("kind",)` gives a cluster the properties
    `kind_proposal: 3`, `kind_comment: 1` beside `point_count: 4`. `cells` is how many cells a tile has along each
    side. `source` keeps the counts of what the public sees; without it, and for filters that it cannot answer, the
    rows of the queryset are counted at each request.
    """

    below_zoom: int
    counts_by: tuple[str, ...] = ()
    cells: int = 8
    source: MaintainedDensity | None = None


@dataclass(frozen=True)
class Layer:
    """A queryset with a geometry, published as tiles and GeoJSON.

    `queryset(user)` is the one visibility rule: it returns the rows that this person may see, and nothing else decides
    that. `geometry` names the field (SRID 4326) that is shown. `properties` maps each public name to a field path or
    an expression; the tiles carry those in `tile_properties` (all, when None). `id_property` names the one that
    identifies a feature.

    `is_public` says that anybody may ask for the layer; for others, `is_open_to(user)` decides, and to outsiders the
    layer does not exist. `varies_by_user` says that `queryset` gives a public layer's signed-in viewers other rows:
    only then is the viewer looked at (and nothing cached for them). `filters(queryset, parameters)` narrows by the
    query string and raises a Refusal for a value it cannot read; it ignores parameters that are not its own.

    `attribution` says who made the data, or is a function of the rows that does (it may query).

    `order_by` is the order of lists and ends with a unique field. `importance` (fields as for `order_by`) says which
    features stay when a tile would be too heavy; by default the largest. `version()` returns a text that changes
    with the data, and spares making a tile that the client already has; without it the tile's content is hashed.
    `minimum_zooms` are pairs of a zoom and a condition: below that zoom, tiles show only what meets the condition.
    """

    name: str
    title: StrOrPromise
    queryset: Callable[[Viewer], Rows]
    geometry: str = "geometry"
    properties: Mapping[str, str | Combinable] = field(default_factory=dict)
    tile_properties: tuple[str, ...] | None = None
    id_property: str = "id"
    label: str | None = None
    description: StrOrPromise = ""
    attribution: Callable[[Rows], StrOrPromise] | StrOrPromise = ""
    geometry_types: tuple[str, ...] = ("Point", "LineString", "Polygon")
    min_zoom: int = 0
    max_zoom: int = 22
    is_public: bool = True
    is_open_to: Callable[[Viewer], bool] | None = None
    varies_by_user: bool = False
    filters: Callable[[Rows, QueryDict], Rows] = _unfiltered
    order_by: tuple[str, ...] = ("pk",)
    importance: tuple[str, ...] = ()
    clustering: Clustering | None = None
    simplify_px: float = 0.5
    minimum_zooms: tuple[tuple[int, Q], ...] = ()
    version: Callable[[], str] | None = None
    max_age_s: int = 60

    def may_be_seen_by(self, user: Viewer) -> bool:
        """Whether the layer exists for this person; which of its rows do is the queryset's matter."""
        return self.is_public or (self.is_open_to is not None and self.is_open_to(user))

    @property
    def looks_at_viewer(self) -> bool:
        """Whether two people may get different answers, so that no shared cache may keep one."""
        return self.varies_by_user or not self.is_public

    def public_rows(self) -> Rows:
        """What somebody who is not signed in may see."""
        return self.queryset(AnonymousUser())

    def names_in_tiles(self) -> tuple[str, ...]:
        """Public names of the properties that tiles carry."""
        return tuple(self.properties) if self.tile_properties is None else self.tile_properties
