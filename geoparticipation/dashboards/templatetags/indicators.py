"""Figures in templates, and the dashboard of a part of the town for pages of other apps."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django import template
from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone
from django.utils.formats import number_format

from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.districts import Tree, current_tree
from geoparticipation.dashboards.indicators.periods import last_twelve_months
from geoparticipation.dashboards.indicators.reading import Number, Values, read_indicators
from neighbourhoods.models import District

LEAST_GROUPED: Final = 1000
"""Smaller whole numbers are written alike in every language; a page of districts has thousands of them."""

register = template.Library()


@register.simple_tag
def figure_of(values: Values, figure: Figure) -> str:
    """The number of one figure, as the language writes it; a dash where it is not told."""
    return in_words(values.get(figure), figure)


@register.filter
def in_words(value: Number, figure: Figure) -> str:
    """Write a number: money in euros, averages with one decimal where they have one, a dash for None."""
    if value is None:
        return "–"
    if figure != Figure.SPENT and value == int(value) < LEAST_GROUPED:
        return str(int(value))
    number = Decimal(str(value))
    if figure == Figure.SPENT:
        places = 0 if number == number.to_integral_value() else 2
        return f"{number_format(number, places, force_grouping=True)}\u00a0€"
    number = round(number, 1)
    return number_format(number, 0 if number == number.to_integral_value() else 1, force_grouping=True)


@register.simple_tag
def period_query(parameters: dict[str, str], **more: Any) -> str:
    """A query string of these parameters and others that say something."""
    return f"?{urlencode({**parameters, **{name: value for name, value in more.items() if value}})}"


@register.inclusion_tag("dashboards/_local_indicators.html")
def local_indicators(*, districts: Iterable[int] | None = None, area: GEOSGeometry | None = None) -> dict[str, Any]:
    """The last twelve months in some districts (primary keys), or in those that lie in an area (SRID 4326).

    A district lies in it when a point on it does; where none does, nothing is shown. Seven queries, eight by area.
    """
    tree = current_tree()
    inside = _in_area(area, tree) if area is not None else [pk for pk in districts or () if pk in tree.places]
    period = last_twelve_months(timezone.localdate())
    return {
        "found": read_indicators(period=period, within=inside, tree=tree) if inside else None,
        "names": [tree.places[pk].name for pk in inside],
        "only": tree.places[inside[0]].key if len(inside) == 1 else "",
    }


def _in_area(area: GEOSGeometry, tree: Tree) -> list[int]:
    """The smallest districts in the area."""
    lying = District.objects.current().annotate(point=PointOnSurface("geometry")).filter(point__within=area)
    found = set(lying.values_list("pk", flat=True))
    return [pk for pk in tree.places if pk in found and pk not in set(tree.parents.values())]
