"""What a report of a consultation tells: figures of its period, and the groups of its maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.gis.db.models import Extent, GeometryField, PointField
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Point, Polygon
from django.db.models import Avg, Count, F, FloatField, Func, Max, Min, QuerySet, Value
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import Outline, outline
from geoparticipation.consultations.reading import target_geojson
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.kinds import KINDS
from geoparticipation.contributions.models import Contribution
from geoparticipation.dashboards.queries import Figures, figures_of
from layers.geometry import WGS84
from layers.reports import Bounds, Feature, MapGroup, feature
from neighbourhoods.domain.territory import territory_extent
from neighbourhoods.enums import GroundKind
from neighbourhoods.models import District, Ground, Street

MOST_SINGLE: Final = 2_000
"""Above so many contributions the maps show counts in cells, and the list only those with most support."""
CELLS_ACROSS: Final = 40
LISTED_WHEN_MANY: Final = 200
MOST_STREETS: Final = 6_000
MOST_GROUND: Final = 1_500
_DECIMALS: Final = 6


@dataclass(frozen=True)
class Week:
    """A week with what came in during it; `share` is of the largest week's, 0 to 1."""

    begins: date
    count: int
    share: float


@dataclass(frozen=True)
class Report:
    """A consultation with its figures and maps, of what the public may see; `are_single` is False for counts in cells.

    `ground` lies under every map; `kinds` are the contributions; `districts` is shaded by how many lie in each.
    """

    consultation: Consultation
    outline: Outline
    filters: Sequence[tuple[str, str, str]]
    made_at: datetime
    first: datetime | None
    last: datetime | None
    figures: Figures
    weeks: Sequence[Week]
    ground: Sequence[MapGroup]
    districts: MapGroup
    kinds: Sequence[MapGroup]
    bounds: Bounds
    are_single: bool
    listed: Sequence[Contribution]
    site: str

    @property
    def total(self) -> int:
        """How many contributions there are."""
        return self.figures.ideas + self.figures.comments


def gather_report(
    *,
    consultation: Consultation,
    contributions: QuerySet[Contribution],
    filters: Sequence[tuple[str, str, str]] = (),
    site: str,
) -> Report:
    """Count and draw these contributions of the consultation (`with_story`). Thirteen queries at most.

    `contributions` are public ones with the filters applied, `filters` these in words (name, label, value); `site` is
    the scheme and host that links lead to.
    """
    figures = figures_of(contributions)
    plain = contributions.order_by()
    said = plain.exclude(kind=Kind.PLAN)
    period = plain.aggregate(first=Min("submitted_at"), last=Max("submitted_at"), extent=Extent("public_geometry"))
    target = target_geojson(consultation)
    bounds = _bounds(period["extent"], consultation)
    single = figures.ideas + figures.comments <= MOST_SINGLE
    rows = _single(contributions, site) if single else _cells(plain, bounds)
    most_first = contributions.order_by("-support_count", "-submitted_at", "-pk")
    return Report(
        consultation=consultation,
        outline=outline(consultation),
        filters=filters,
        made_at=timezone.now(),
        first=period["first"],
        last=period["last"],
        figures=figures,
        weeks=_weeks(said),
        ground=_ground(bounds, target),
        districts=_districts(said, bounds),
        kinds=[
            MapGroup(
                name=str(KINDS[kind].plural),
                features=rows[kind],
                colour=KINDS[kind].colour,
                mark=KINDS[kind].mark,
                weight=3 if single else 1,
            )
            # Ideas are drawn over their comments, and points over areas.
            for kind in (Kind.OFFER, Kind.COMMENT, Kind.PROPOSAL, Kind.MISSION, Kind.PLAN)
            if rows[kind] or KINDS[kind].is_plain
        ],
        bounds=bounds,
        are_single=single,
        listed=most_first if single else most_first[:LISTED_WHEN_MANY],
        site=site,
    )


def _bounds(extent: Bounds | None, consultation: Consultation) -> Bounds:
    """Around the target and everything said; the whole territory where there is neither."""
    boxes = [extent] if extent else []
    if consultation.target is not None and consultation.target.geometry:
        boxes.append(consultation.target.geometry.extent)
    if not boxes:
        return territory_extent()
    west, south, east, north = zip(*boxes, strict=True)
    # At least some 300 m across, so that a single pin has a neighbourhood.
    return (min(west) - 0.002, min(south) - 0.0015, max(east) + 0.002, max(north) + 0.0015)


def _weeks(contributions: QuerySet[Any]) -> list[Week]:
    """Every week from the first with a contribution to the last, those without any too."""
    counted = dict(
        contributions.annotate(week=TruncWeek("submitted_at"))
        .values_list("week")
        .annotate(count=Count("pk"))
        .order_by("week")
    )
    if not counted:
        return []
    by_day = {week.date(): count for week, count in counted.items()}
    most = max(by_day.values())
    day, weeks = min(by_day), []
    while day <= max(by_day):
        count = by_day.get(day, 0)
        weeks.append(Week(day, count, count / most))
        day += timedelta(weeks=1)
    return weeks


class _Degrees(Func):
    """ST_X or ST_Y."""

    output_field = FloatField()


class _Simplified(Func):
    """ST_SimplifyPreserveTopology, tolerance in degrees."""

    function = "ST_SimplifyPreserveTopology"
    output_field = GeometryField(srid=WGS84)


def _tolerance(bounds: Bounds) -> float:
    """A two-thousandth of the width: less than a pixel of the map."""
    return (bounds[2] - bounds[0]) / 2_000


def _shapes(rows: QuerySet[Any], bounds: Bounds, **conditions: Any) -> QuerySet[Any]:
    box = Polygon.from_bbox(bounds)
    box.srid = WGS84
    return rows.filter(geometry__bboverlaps=box, **conditions).annotate(
        drawn=AsGeoJSON(_Simplified("geometry", Value(_tolerance(bounds))), precision=_DECIMALS)
    )


def _ground(bounds: Bounds, target: dict[str, Any] | None) -> list[MapGroup]:
    ground = _shapes(Ground.objects.exclude(kind=GroundKind.BUILDING), bounds).order_by("-area_m2", "pk")
    by_kind: dict[str, list[Feature]] = {GroundKind.PARK: [], GroundKind.WATER: []}
    for kind, drawn in ground.values_list("kind", "drawn")[:MOST_GROUND]:
        by_kind[kind].append(feature(drawn))
    streets = _shapes(Street.objects.all(), bounds, geometry__isnull=False).order_by("pk")
    groups = [
        MapGroup(_("Parks"), by_kind[GroundKind.PARK], "#cfe0bd", weight=0, fill_opacity=0.8, listed=False),
        MapGroup(_("Water"), by_kind[GroundKind.WATER], "#b5d3e6", weight=0, fill_opacity=0.9, listed=False),
        MapGroup(
            _("Streets"),
            [feature(drawn) for drawn in streets.values_list("drawn", flat=True)[:MOST_STREETS]],
            "#c4bcb0",
            weight=1.5,
            listed=False,
        ),
    ]
    if target is not None:
        whom = [{"type": "Feature", "geometry": target, "properties": {}}]
        groups.append(MapGroup(_("Target"), whom, "#0b4f4b", weight=2.5, fill_opacity=0.04, dash="8 6", listed=False))
    return groups


def _districts(contributions: QuerySet[Any], bounds: Bounds) -> MapGroup:
    """The smallest districts in which something was said, the darker the more."""
    counted = dict(
        contributions.filter(district__isnull=False).values_list("district").annotate(count=Count("pk")).order_by()
    )
    most = max(counted.values(), default=0)
    drawn = District.objects.filter(pk__in=counted).annotate(
        drawn=AsGeoJSON(_Simplified("geometry", Value(_tolerance(bounds))), precision=_DECIMALS)
    )
    features = []
    for pk, name, shape in drawn.order_by("name").values_list("pk", "name", "drawn"):
        count = counted[pk]
        words = ngettext("%(count)d contribution", "%(count)d contributions", count) % {"count": count}
        features.append(
            feature(
                shape,
                words=format_html("<strong>{}</strong><br>{}", name, words),
                shade=0.1 + 0.5 * count / most,
                label=f"{name} · {count}",
            )
        )
    return MapGroup(_("By district"), features, "#0b6e69", weight=1.5)


def _single(contributions: QuerySet[Contribution], site: str) -> dict[Kind, list[Feature]]:
    rows: dict[Kind, list[Feature]] = {kind: [] for kind in map(Kind, KINDS)}
    shown = contributions.annotate(drawn=AsGeoJSON("public_geometry", precision=_DECIMALS))
    for contribution in shown:
        supports = contribution.support_count
        words = format_html(
            '<strong>{}</strong><br>{}<br><a href="{}" target="_blank" rel="noopener">{}</a>',
            str(contribution)[:90],
            ngettext("%(count)d support", "%(count)d supports", supports) % {"count": supports},
            f"{site}{reverse('contribution', args=[contribution.code])}",
            _("Read it on the site"),
        )
        title = f"{contribution.get_kind_display()} — {str(contribution)[:90]}"
        rows[Kind(contribution.kind)].append(feature(contribution.drawn, words=words, title=title))
    return rows


def _cells(contributions: QuerySet[Any], bounds: Bounds) -> dict[Kind, list[Feature]]:
    """Counts in cells of a fortieth of the width; a cell's mark is at the middle of what lies in it."""
    rows: dict[Kind, list[Feature]] = {kind: [] for kind in map(Kind, KINDS)}
    side = (bounds[2] - bounds[0]) / CELLS_ACROSS
    point = Func(F("public_geometry"), function="ST_PointOnSurface", output_field=PointField(srid=WGS84))
    cell = Func(point, Value(side), function="ST_SnapToGrid", output_field=PointField(srid=WGS84))
    cells = list(
        contributions.annotate(cell=cell)
        .values("kind", "cell")
        .annotate(
            count=Count("pk"), lon=Avg(_Degrees(point, function="ST_X")), lat=Avg(_Degrees(point, function="ST_Y"))
        )
        .values_list("kind", "count", "lon", "lat")
    )
    most = max((count for _kind, count, _lon, _lat in cells), default=1)
    for kind, count, lon, lat in cells:
        words = ngettext("%(count)d contribution", "%(count)d contributions", count) % {"count": count}
        # The area of a mark, not its radius, follows the count.
        at = Point(round(lon, _DECIMALS), round(lat, _DECIMALS)).geojson
        rows[Kind(kind)].append(feature(at, words=format_html("{}", words), size=3 + 15 * (count / most) ** 0.5))
    return rows
