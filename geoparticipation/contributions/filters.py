"""The filters of contributions: the same words and the same meaning in the API, in tiles, exports and pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from geoparticipation.contributions.text import search_words
from geoparticipation.councils.models import Council
from layers.bbox import parse_bbox
from layers.errors import Refusal
from neighbourhoods.domain.targets.find_places import find_streets
from neighbourhoods.models import District

FILTERS: Final = (
    "in_bbox",
    "kind",
    "consultation",
    "district",
    "street",
    "council",
    "status",
    "q",
    "submitted_after",
    "submitted_before",
)

Narrow = Callable[[QuerySet[Contribution], list[str]], QuerySet[Contribution]]
_MORE: dict[str, Narrow] = {}
_DESCRIBED: dict[str, str] = {}


def register_filter(name: str, narrow: Narrow, *, description: str) -> None:
    """Let an app filter contributions by what its own table adds; `narrow` gets the values asked for, at least one.

    To be called while apps are made ready: `description` stands in the schema of the API, which is made afterwards.
    """
    _MORE[name], _DESCRIBED[name] = narrow, description


def filters_of_apps() -> dict[str, str]:
    """The filters that other apps registered: names and descriptions."""
    return dict(_DESCRIBED)


# The trigram index would read itself from end to end for a shorter word; another index may know better.
_LEAST_INDEXED: Final = 3
# "+" of a time zone arrives as a space when it was not escaped.
_LOST_PLUS: Final = re.compile(r" (?=\d\d:?\d\d$)")


class UnknownFilterValue(Refusal):
    """A filter was given a value that means nothing; `field` is the filter."""

    code = "unknown_filter_value"

    def __init__(self, field: str, value: str, sentence: str = "") -> None:
        super().__init__(
            sentence or _("There is no “%(value)s” to filter by.") % {"value": value[:80]},
            field=field,
            value=value[:80],
        )


def _values(parameters: QueryDict, name: str) -> list[str]:
    """Values of a filter that may be repeated or hold several, with commas between them; empty ones do not count."""
    return [part.strip() for text in parameters.getlist(name) for part in text.split(",") if part.strip()]


def _choices(parameters: QueryDict, name: str, choices: type[Kind] | type[Status]) -> list[str]:
    values = _values(parameters, name)
    for value in values:
        if value not in choices.values:
            raise UnknownFilterValue(name, value)
    return values


def _moment(parameters: QueryDict, name: str) -> datetime | None:
    """An ISO 8601 date (its first moment in the town) or date and time; without a zone the town's own."""
    text = parameters.get(name, "").strip()
    if not text:
        return None
    try:
        day = parse_date(text)
        moment = datetime.combine(day, time.min) if day else parse_datetime(_LOST_PLUS.sub("+", text))
        if moment is None:
            raise ValueError
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    except (ValueError, OverflowError):
        raise UnknownFilterValue(
            name, text, _("This is no date: write 2025-06-30, or 2025-06-30T18:00:00+02:00.")
        ) from None


def filter_contributions(contributions: QuerySet[Contribution], parameters: QueryDict) -> QuerySet[Contribution]:
    """Narrow to what the parameters of FILTERS ask for; other parameters are not looked at.

    `in_bbox` takes what the box touches of the public place. `kind`, `consultation`, `district` (codes, of any level)
    and `status` may be repeated or hold several values with commas; a contribution matches any of them. `street` is a
    street's code, or its name in any of its languages, whatever its accents and abbreviations. `council` (addresses of
    active ones) takes what touches the area of any of them. `q`: every word occurs
    in title or text, whatever the accents. `submitted_after` includes the moment, `submitted_before` does not. Filters
    that other apps registered follow. Raises UnknownFilterValue, BoxInvalid; one small query for each of
    `consultation`, `district`, `street` and `council`.
    """
    if box := parameters.get("in_bbox", "").strip():
        contributions = contributions.filter(public_geometry__intersects=parse_bbox(box))
    if kinds := _choices(parameters, "kind", Kind):
        contributions = contributions.filter(kind__in=kinds)
    if statuses := _choices(parameters, "status", Status):
        contributions = contributions.filter(status__in=statuses)
    if slugs := _values(parameters, "consultation"):
        contributions = contributions.filter(consultation__in=_consultations(slugs))
    if codes := _values(parameters, "district"):
        share = ContributionDistrict.objects.filter(contribution=OuterRef("pk"), district__in=_districts(codes))
        contributions = contributions.filter(Exists(share))
    if names := [name.strip() for name in parameters.getlist("street") if name.strip()]:
        contributions = contributions.filter(street__in=_streets(names))
    if slugs := _values(parameters, "council"):
        contributions = in_area_of(contributions, slugs)
    for word in search_words(parameters.get("q", "")):
        if len(word) < _LEAST_INDEXED:
            contributions = contributions.filter(GreaterThan(StrIndex("search_text", Value(word)), 0))
        else:
            contributions = contributions.filter(search_text__contains=word)
    if after := _moment(parameters, "submitted_after"):
        contributions = contributions.filter(submitted_at__gte=after)
    if before := _moment(parameters, "submitted_before"):
        contributions = contributions.filter(submitted_at__lt=before)
    for name, narrow in _MORE.items():
        if values := _values(parameters, name):
            contributions = narrow(contributions, values)
    return contributions


def _consultations(slugs: list[str]) -> list[int]:
    found = dict(Consultation.objects.visible_to(None).filter(slug__in=slugs).values_list("slug", "pk"))
    for slug in slugs:
        if slug not in found:
            raise UnknownFilterValue("consultation", slug)
    return list(found.values())


def _districts(codes: list[str]) -> list[int]:
    """Districts in force of these codes; of an abolished one, those of earlier releases, whose shares are kept."""
    found = list(District.objects.filter(code__in=codes).values_list("code", "pk", "release__is_current"))
    in_force = {code for code, _pk, is_current in found if is_current}
    for code in codes:
        if code not in {code for code, _pk, _is_current in found}:
            raise UnknownFilterValue("district", code)
    return [pk for code, pk, is_current in found if is_current or code not in in_force]


def in_area_of(contributions: QuerySet[Contribution], slugs: list[str]) -> QuerySet[Contribution]:
    """What has a point of its public place in the area of one of these councils, on the border too.

    Raises UnknownFilterValue; one small query.
    """
    found = dict(Council.objects.active().filter(slug__in=slugs).values_list("slug", "area__geometry"))
    for slug in slugs:
        if slug not in found:
            raise UnknownFilterValue("council", slug)
    # Each area as a constant, not as a join: only then does the index on places answer.
    touched = Q()
    for area in found.values():
        touched |= Q(public_geometry__intersects=area) if area is not None else Q(pk__in=())
    return contributions.filter(touched)


def _streets(names: list[str]) -> list[int]:
    found = find_streets(names, with_closed=True)
    for name in names:
        if not found[name]:
            raise UnknownFilterValue("street", name)
    return sorted({street.id for streets in found.values() for street in streets})
