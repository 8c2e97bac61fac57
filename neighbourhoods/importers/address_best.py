"""Belgium's BeSt Address register: the CSV files "openaddress-be…" of the federal service BOSA.

One row is one address in all its languages, one row more each box of it. Coordinates are in WGS 84 and in Lambert 72
(`EPSG:31370_x`, `EPSG:31370_y`) or, since October 2026, Lambert 2008 (`EPSG:3812_x`, `EPSG:3812_y`); 0 stands for
"unknown". https://opendata.bosa.be/
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyproj
from django.conf import settings
from django.utils.translation import gettext as _

from neighbourhoods.importers.address_columns import in_words
from neighbourhoods.importers.address_csv import KIND, good_lines, note_encoding, require_rows
from neighbourhoods.importers.address_description import ROWS_LOOKED_AT, AddressFileDescription, described
from neighbourhoods.importers.address_formats import ReadingOptions, register_format
from neighbourhoods.importers.address_rows import RowRefused, address_row, moved, number_in, outside, transformer_from
from neighbourhoods.importers.csv_table import CsvTable, open_table
from neighbourhoods.importers.errors import ColumnMissing
from neighbourhoods.importers.progress import Step, Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import AddressRow

LANGUAGES = ("fr", "nl", "de")
REGION_LANGUAGES = {"BE-VLG": ("nl",), "BE-WAL": ("fr", "de"), "BE-BRU": ("fr", "nl")}
NEEDED = ("address_id", "house_number", "street_id", "postcode", "status")
CURRENT = "current"
GONE = ("not_current", "has_boxes")
"""Why a row is refused that is no letterbox any more; any other refused row still is one."""
_PLANE = re.compile(r"epsg:(\d{4,6})_x")


class _House(NamedTuple):
    """What boxes have in common with the house they are in."""

    region: str
    street_id: str
    postcode: str
    house_number: str


@dataclass(frozen=True)
class BestAddresses:
    """BeSt Address as CSV.

    Each box is a letterbox and a dwelling of its own; a house that has boxes is then no letterbox besides, so the row
    of the house itself is refused (`has_boxes`). So are rows that are not `current`. Identifiers of the three regions
    overlap and are kept with the region before them.
    """

    source: str

    def read(
        self, path: Path, *, options: ReadingOptions, report: ImportReport, ticker: Ticker
    ) -> Iterator[AddressRow]:
        """See `AddressFormat.read`; the file is gone through twice."""
        with open_table(path, encoding=options.encoding, delimiter=options.delimiter) as table:
            step = ticker.step(_("Finding boxes"))
            layout = _Layout.of(table, options)
            note_encoding(table, report)
            with_boxes = layout.houses_with_boxes(table, step)
        return self._read(path, options, with_boxes, report, ticker)

    def _read(
        self, path: Path, options: ReadingOptions, with_boxes: set[_House], report: ImportReport, ticker: Ticker
    ) -> Iterator[AddressRow]:
        step = ticker.step(_("Reading addresses"))
        with open_table(path, encoding=options.encoding, delimiter=options.delimiter) as table:
            for row in _Layout.of(table, options).rows(table, with_boxes, report):
                step.advance()
                if problem := outside(row.lon, row.lat):
                    report.refuse(KIND, row.line, problem.code, problem.reason, name=row.register_id)
                    continue
                yield row
        require_rows(path, report)

    def street_names(self, path: Path, *, options: ReadingOptions) -> dict[str, dict[str, str]]:
        """Street code → language → name, of all streets with a current address."""
        with open_table(path, encoding=options.encoding, delimiter=options.delimiter) as table:
            return _Layout.of(table, options).street_names(table)

    def describe(self, path: Path, *, options: ReadingOptions) -> AddressFileDescription:
        """See `describe_addresses`."""
        report = ImportReport()
        with open_table(path, encoding=options.encoding, delimiter=options.delimiter) as table:
            layout = _Layout.of(table, options)
            looked_at = list(itertools.islice(table.rows, ROWS_LOOKED_AT))
            table.rows = iter(looked_at)
            with_boxes = layout.houses_with_boxes(table, None)
            table.rows = iter(looked_at)
            rows = list(layout.rows(table, with_boxes, report))
            return described(
                table.header,
                [cells for _line, cells in looked_at],
                mapping=layout.mapping,
                missing=(),
                rows=rows,
                report=report,
                encoding=table.encoding,
                delimiter=table.delimiter,
                crs=layout.crs or "EPSG:4326",
            )


@dataclass
class _Layout:
    """Where in a row what is: the header differs with the edition and the region."""

    at: Mapping[str, int]
    mapping: dict[str, str]
    lon: int | None
    lat: int | None
    x: int | None = None
    y: int | None = None
    crs: str = ""
    to_wgs84: pyproj.Transformer | None = None
    names: dict[str, int] = field(default_factory=dict)
    localities: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, table: CsvTable, options: ReadingOptions) -> _Layout:
        """Read the header; raises ColumnMissing."""
        at = {title.casefold(): position for position, title in enumerate(table.header)}
        names = {language: at[f"streetname_{language}"] for language in LANGUAGES if f"streetname_{language}" in at}
        plane = next((title for title in at if _PLANE.fullmatch(title) and title[:-1] + "y" in at), "")
        degrees = "epsg:4326_lon" in at and "epsg:4326_lat" in at
        lacking = [title for title in NEEDED if title not in at]
        if not names:
            lacking.append("streetname_fr")
        if not degrees and not plane:
            lacking.append("EPSG:4326_lon")
        if lacking:
            raise ColumnMissing(
                _("%(file)s is no BeSt Address file: it has no column “%(column)s”. It has: %(columns)s.")
                % {"file": table.name, "column": lacking[0], "columns": in_words(table.header)},
                field=lacking[0],
            )
        crs = plane[:-2].upper() if plane else ""
        first_name = table.header[next(iter(names.values()))]
        return cls(
            at=at,
            mapping={
                "id": "address_id", "street": first_name, "street_code": "street_id", "house_number": "house_number",
                "postcode": "postcode", **({"box": "box_number"} if "box_number" in at else {}),
                "lon": table.header[at["epsg:4326_lon"] if degrees else at[plane]],
                "lat": table.header[at["epsg:4326_lat"] if degrees else at[plane[:-1] + "y"]],
            },
            lon=at["epsg:4326_lon"] if degrees else None,
            lat=at["epsg:4326_lat"] if degrees else None,
            x=at[plane] if plane else None,
            y=at[plane[:-1] + "y"] if plane else None,
            crs="" if degrees else crs,
            to_wgs84=transformer_from(crs),
            names=names,
            localities={
                language: at[f"municipality_name_{language}"]
                for language in LANGUAGES
                if f"municipality_name_{language}" in at
            },
        )  # fmt: skip

    def houses_with_boxes(self, table: CsvTable, step: Step | None) -> set[_House]:
        """The houses of which a current row has a box."""
        found = set()
        box, status, columns = self.at.get("box_number"), self.at["status"], len(table.header)
        for _line, cells in table.rows:
            if step:
                step.advance()
            if box is not None and len(cells) == columns and cells[box].strip() and cells[status].strip() == CURRENT:
                found.add(self._house(cells))
        return found

    def street_names(self, table: CsvTable) -> dict[str, dict[str, str]]:
        """Street code → language → name."""
        found: dict[str, dict[str, str]] = {}
        status, columns = self.at["status"], len(table.header)
        for _line, cells in table.rows:
            if len(cells) == columns and cells[status].strip() == CURRENT:
                code = self._code(cells, "street_id")
                if code not in found:
                    found[code] = {
                        language: name for language, at in self.names.items() if (name := cells[at].strip()[:200])
                    }
        return found

    def rows(self, table: CsvTable, with_boxes: set[_House], report: ImportReport) -> Iterator[AddressRow]:
        """The good rows, in longitude and latitude that may still be out of range."""
        for some in _at_once(self._parsed(table, with_boxes, report)):
            in_plane = [row for row, is_plane in some if is_plane]
            # `moved` writes the degrees into the rows themselves.
            list(moved(in_plane, self.to_wgs84))
            yield from (row for row, _is_plane in some)

    def _parsed(
        self, table: CsvTable, with_boxes: set[_House], report: ImportReport
    ) -> Iterator[tuple[AddressRow, bool]]:
        house_number, postcode, status = (self.at[title] for title in ("house_number", "postcode", "status"))
        box = self.at.get("box_number")
        for line, cells in good_lines(table, report):
            try:
                if (state := cells[status].strip()) != CURRENT:
                    raise RowRefused(
                        "not_current", _("its status is “%(status)s”, not current") % {"status": state[:40]}
                    )
                languages = self._languages(cells)
                boxed = cells[box].strip() if box is not None else ""
                if not boxed and with_boxes and self._house(cells) in with_boxes:
                    raise RowRefused("has_boxes", _("its boxes are letterboxes of their own"))
                (first, second), is_plane = self._position(cells)
                row = address_row(
                    {
                        "id": self._code(cells, "address_id"),
                        "street": _first(cells, self.names, languages),
                        "street_code": self._code(cells, "street_id"),
                        "house_number": cells[house_number].strip(),
                        "box": boxed,
                        "postcode": cells[postcode].strip(),
                        "locality": _first(cells, self.localities, languages),
                    },
                    line=line,
                    lon=first,
                    lat=second,
                )
                if boxed:
                    row.dwellings = 1
            except RowRefused as refused:
                gone = refused.code in GONE
                name = "" if gone else self._code(cells, "address_id")
                report.refuse(KIND, line, refused.code, refused.reason, name=name)
                continue
            yield row, is_plane

    def _position(self, cells: list[str]) -> tuple[tuple[float, float], bool]:
        """Degrees where the row has them, else metres in the plane; whether it is the latter."""
        for x, y, is_plane in ((self.lon, self.lat, False), (self.x, self.y, True)):
            if x is None or y is None:
                continue
            first, second = number_in(cells[x]), number_in(cells[y])
            if first is not None and second is not None and (first or second):
                return (first, second), is_plane
        raise RowRefused("coordinates_missing", _("it has no coordinates"))

    def _region(self, cells: list[str]) -> str:
        at = self.at.get("region_code")
        return cells[at].strip() if at is not None else ""

    def _code(self, cells: list[str], title: str) -> str:
        """An identifier with its region before it; "" where there is none."""
        code, region = cells[self.at[title]].strip(), self._region(cells)
        return f"{region}/{code}" if code and region else code

    def _house(self, cells: list[str]) -> _House:
        return _House(
            self._region(cells),
            *(cells[self.at[title]].strip() for title in ("street_id", "postcode", "house_number")),
        )

    def _languages(self, cells: list[str]) -> list[str]:
        """The languages in which to look for a name: the site's where it is one of the region's, then the region's."""
        region = REGION_LANGUAGES.get(self._region(cells), ())
        site = settings.LANGUAGE_CODE[:2]
        return [*([site] if site in region else []), *region, *LANGUAGES]


def _first(cells: list[str], columns: Mapping[str, int], languages: list[str]) -> str:
    return next(
        (text for language in languages if language in columns and (text := cells[columns[language]].strip())), ""
    )


def _at_once(rows: Iterator[tuple[AddressRow, bool]]) -> Iterator[list[tuple[AddressRow, bool]]]:
    while some := list(itertools.islice(rows, 5000)):
        yield some


register_format("best", BestAddresses(source="best"))
