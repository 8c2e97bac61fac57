"""What comes of taking part, in figures: the page, its files, and the description of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from geoparticipation.context import town_name
from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.errors import NotAPeriod
from geoparticipation.dashboards.indicators.charts import column_chart
from geoparticipation.dashboards.indicators.definitions import BY_DISTRICT, DEFINITIONS, PEOPLE
from geoparticipation.dashboards.indicators.districts import Place, Tree, current_tree
from geoparticipation.dashboards.indicators.files import (
    MEDIA_TYPES,
    as_geojson,
    as_geopackage,
    months_as_csv,
    plain,
)
from geoparticipation.dashboards.indicators.periods import Period, last_twelve_months, month_after, read_period
from geoparticipation.dashboards.indicators.reading import Indicators, read_indicators
from geoparticipation.followup.queries import WordKept, word_kept


@dataclass(frozen=True)
class Asked:
    """What an address asks for; a value that says nothing counts as none."""

    period: Period
    tree: Tree
    district: Place | None
    level: str

    @property
    def within(self) -> list[int] | None:
        """The district chosen, None for the town."""
        return None if self.district is None else [self.district.pk]

    def read(self) -> Indicators:
        """Six queries."""
        return read_indicators(period=self.period, within=self.within, level=self.level, tree=self.tree)


def asked_for(parameters: Mapping[str, str], today: date) -> Asked:
    """Read period, district and level; one query. Raises NotAPeriod."""
    period = read_period(parameters, today)
    tree = current_tree()
    district = tree.by_key(parameters.get("district", ""))
    level = parameters.get("level", "")
    levels = list(tree.levels)
    if level not in levels:
        level = tree.choices[0] if tree.choices else ""
    if district is not None and levels.index(level) <= levels.index(district.level):
        below = levels[levels.index(district.level) + 1 :]
        level = below[0] if below else district.level
    return Asked(period, tree, district, level)


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Figures in words, by district, on the map and month by month. Nine queries, two of how the word is kept."""
    today = timezone.localdate()
    refusal = None
    try:
        asked = asked_for(request.GET.dict(), today)
    except NotAPeriod as refused:
        refusal = refused
        asked = asked_for({name: request.GET.get(name, "") for name in ("district", "level")}, today)
    found = asked.read()
    charted = request.GET.get("figure", "")
    offered = [shown.figure for shown in found.figures]
    chosen = Figure(charted) if charted in offered else Figure.IDEAS
    kept = _word_kept(asked.period, today) if asked.district is None else None
    course = [(month, values[chosen]) for month, values in found.course]
    mapped = chosen if chosen in BY_DISTRICT else Figure.IDEAS
    return render(
        request,
        "dashboards/indicators.html",
        {
            "asked": asked,
            "found": found,
            "refusal": refusal,
            "kept": kept,
            "figure": chosen,
            "mapped": mapped,
            "columns": BY_DISTRICT,
            "figures": [(shown, shown.figure == chosen) for shown in found.figures],
            "chart": column_chart(course, _("Chart: %(title)s, month by month") % {"title": chosen.label}),
            "presets": presets(today),
            "map_words": {
                "level": asked.level,
                "values": {line.place.code: plain(line.now[mapped]) for line in found.lines if line.place is not None},
                "label": str(mapped.label),
                "unknown": _("not told"),
            },
            "licence": settings.DATA_LICENCE,
            "has_people": any(shown.figure in PEOPLE for shown in found.figures),
        },
        status=refusal.status if refusal else 200,
    )


def _word_kept(period: Period, today: date) -> tuple[WordKept, WordKept]:
    """How the commune keeps its word at the end of the period, and of the one before."""

    def at_the_end(of: Period) -> date:
        return min(date.fromordinal(month_after(of.last).toordinal() - 1), today)

    return word_kept(at_the_end(period))[0], word_kept(at_the_end(period.previous))[0]


def presets(today: date) -> list[tuple[str, dict[str, str]]]:
    """Periods to choose with one click, the shortest last."""
    this = today.replace(day=1)
    quarter = date(this.year, this.month - (this.month - 1) % 3, 1)
    last_quarter = Period(month_after(quarter, -3), month_after(quarter, -1))
    last_month = Period(month_after(this, -1), month_after(this, -1))
    found = [(_("last twelve months"), last_twelve_months(today))]
    found += [
        (str(period), period)
        for period in (
            Period(date(this.year, 1, 1), date(this.year, 12, 1)),
            Period(date(this.year - 1, 1, 1), date(this.year - 1, 12, 1)),
            last_quarter,
            last_month,
        )
    ]
    return [(words, period.parameters) for words, period in found]


@require_safe
def indicator_file(request: HttpRequest, file_format: str) -> HttpResponse:
    """All months as CSV (three queries), or a period by district with outlines (eight). Raises NotAPeriod."""
    if file_format not in MEDIA_TYPES:
        raise Http404
    if file_format == "csv":
        content, name = months_as_csv(), "indicators"
    else:
        asked = asked_for(request.GET.dict(), timezone.localdate())
        lines = asked.read().lines
        write = as_geojson if file_format == "geojson" else as_geopackage
        content = write(lines, asked.period)
        name = f"indicators-{asked.period.parameters['from']}-{asked.period.parameters['to']}"
    response = HttpResponse(content, content_type=MEDIA_TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    return response


@require_safe
def describe_data(request: HttpRequest) -> JsonResponse:
    """The indicators as a dataset in the words of DCAT-AP, as JSON-LD. One query at most, for the town's name."""
    site = settings.SITE_URL

    def distribution(path: str, media_type: str, title: str) -> dict[str, Any]:
        return {
            "@type": "dcat:Distribution",
            "dct:title": title,
            "dcat:accessURL": {"@id": site + path},
            "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media_type}"},
            "dct:license": {"@id": settings.DATA_LICENCE},
        }

    files = [
        distribution(reverse("indicator-file", args=[ending]), media_type.partition(";")[0], ending.upper())
        for ending, media_type in MEDIA_TYPES.items()
    ]
    described: dict[str, Any] = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
        },
        "@id": f"{site}{reverse('indicators')}#dataset",
        "@type": "dcat:Dataset",
        "dct:title": str(_("Indicators of participation")),
        "dct:description": " ".join(f"{figure.label}: {DEFINITIONS[figure]}" for figure in Figure),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": town_name()},
        "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/MONTHLY"},
        "dct:accessRights": {"@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"},
        "dcat:theme": [{"@id": "http://publications.europa.eu/resource/authority/data-theme/GOVE"}],
        "dcat:landingPage": {"@id": site + reverse("indicators")},
        "dcat:distribution": [
            *files,
            distribution(reverse("api-indicators"), "application/json", "JSON"),
        ],
    }
    return JsonResponse(described, content_type="application/ld+json", json_dumps_params={"ensure_ascii": False})
