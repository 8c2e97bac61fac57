"""Which district of the town a name in a .pb file means, and the districts of a GIS file when they come with it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

from django.utils.text import slugify
from django.utils.translation import gettext as _

from layers.readers import FeatureFile
from neighbourhoods.importers.errors import FieldMissing
from neighbourhoods.importers.gis_rows import Fields, text_of
from neighbourhoods.importers.load_districts import import_districts
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import District

COLUMNS: Final = ("district", "subunit", "neighborhood", "neighbourhood")
_LIKE_ENOUGH: Final = 0.6


def label_of(row: dict[str, str]) -> str:
    """What a project's row calls its district; "" where it says nothing."""
    return next((row[column] for column in COLUMNS if row.get(column, "").lower() not in {"", "none"}), "")


def load_districts(
    path: Path, *, labels: Iterable[str], level: str, release: str, report: ImportReport, ticker: Ticker
) -> None:
    """Import the districts of a GIS file; which field is the code and which the name is found by the labels.

    A label is the code and the name ("10 - Jolimont / Soupetard"), or the name alone. Raises FieldMissing where no
    field has them, and what `import_districts` raises.
    """
    wanted = set(filter(None, labels))
    with FeatureFile(path) as file:
        values: defaultdict[str, list[str]] = defaultdict(list)
        for feature in file:
            for name in file.fields:
                values[name].append(text_of(feature.attributes, name))
    numbers = {number for label in wanted if (number := _number(label))}
    name = max(values, key=lambda field: _likeness(values[field], wanted), default="")
    if not name or not _likeness(values[name], wanted):
        raise FieldMissing(
            _("%(file)s has no field with the names of the projects' districts. It has: %(fields)s.")
            % {"file": path.name, "fields": ", ".join(values)}
        )
    unique = [field for field, found in values.items() if len(set(found)) == len(found) and all(found)]
    code = max(unique, key=lambda field: len(numbers & set(values[field])), default="")
    if not code or not numbers & set(values[code]):
        code = ""
    import_districts(
        path,
        level_name=level,
        release_name=release,
        fields=Fields(name=name, code=code),
        report=report,
        ticker=ticker,
    )


def _likeness(found: list[str], wanted: set[str]) -> int:
    """How many of the labels a field's values look like."""
    forms = [slugify(value) for value in found if value and not value.replace(".", "").isdigit()]
    return sum(any(_like(_form(label), form) >= _LIKE_ENOUGH for form in forms) for label in wanted)


def _like(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _number(label: str) -> str:
    found = re.match(r"\s*(\d+)\s*[-–.:]", label) or re.fullmatch(r"\s*(\d+)\s*", label)
    return found[1] if found else ""


def _form(label: str) -> str:
    """A label without its number, as letters and hyphens."""
    return slugify(re.sub(r"^\s*\d+\s*[-–.:]\s*", "", label)) or slugify(label)


class DistrictFinder:
    """The district in force that a label means: by its code, else by the name that is most like it. Two queries."""

    def __init__(self) -> None:
        districts = list(District.objects.current().select_related("release__level").defer("geometry"))
        districts.sort(key=lambda district: -district.release.level.rank)
        levels = Counter(district.release_id for district in districts)
        self._finest = [district for district in districts if levels[district.release_id] > 1]
        self.town = max(districts, key=lambda district: (-district.release.level.rank, district.area_m2), default=None)
        self._found: dict[str, District | None] = {}

    def find(self, label: str) -> District | None:
        """The district, or None."""
        if label not in self._found:
            self._found[label] = self._look(label) if label else None
        return self._found[label]

    def _look(self, label: str) -> District | None:
        form, number = _form(label), _number(label)
        same_code = [district for district in self._finest if number and district.code == number]
        candidates = [district for district in same_code if _like(form, slugify(district.name)) >= _LIKE_ENOUGH]
        if not candidates:
            candidates = [district for district in self._finest if _like(form, slugify(district.name)) > 0.8]
        return max(candidates, key=lambda district: _like(form, slugify(district.name)), default=None)
