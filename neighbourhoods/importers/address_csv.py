"""Address registers as CSV: any with sensible column names, and the Base Adresse Nationale.

The BAN's columns: https://doc.adresse.data.gouv.fr/docs-ban/telecharger-des-donnees/fichiers-csv
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pyproj
from django.utils.translation import gettext as _

from neighbourhoods.importers.address_columns import GUESSES, NEEDED, find_columns, require_columns
from neighbourhoods.importers.address_description import ROWS_LOOKED_AT, AddressFileDescription, described
from neighbourhoods.importers.address_formats import ReadingOptions, register_format
from neighbourhoods.importers.address_rows import (
    RowRefused,
    address_row,
    coordinate,
    derived_id,
    moved,
    outside,
    transformer_from,
)
from neighbourhoods.importers.csv_table import CsvTable, LineBroken, open_table
from neighbourhoods.importers.errors import CoordinatesSwapped, FileEmpty
from neighbourhoods.importers.known_extent import Extent, known_extent
from neighbourhoods.importers.progress import Step, Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import AddressRow

KIND = "addresses"
FIRST_ROWS = 1000
"""Rows looked at to see whether longitude and latitude are in each other's column."""


@dataclass(frozen=True)
class CsvAddresses:
    """CSV with a header; `fixed` columns are the format's own, others are guessed or said by options."""

    source: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""
    pseudo_number: str = ""
    """A house number that means "none"."""
    impossible: Extent | None = None
    """Where no address of this register is, though its mirror image is."""

    def read(
        self, path: Path, *, options: ReadingOptions, report: ImportReport, ticker: Ticker
    ) -> Iterator[AddressRow]:
        """See `AddressFormat.read`."""
        return self._read(
            path,
            options=options,
            to_wgs84=transformer_from(options.crs),
            known=known_extent(),
            report=report,
            step=ticker.step(_("Reading addresses")),
        )

    def _read(
        self,
        path: Path,
        *,
        options: ReadingOptions,
        to_wgs84: pyproj.Transformer | None,
        known: Extent | None,
        report: ImportReport,
        step: Step,
    ) -> Iterator[AddressRow]:
        with self._opened(path, options) as table:
            note_encoding(table, report)
            columns = self._columns(table, options)
            require_columns(columns, header=table.header, name=table.name)
            located = self._located(table, columns, to_wgs84, report)
            first = list(itertools.islice(located, FIRST_ROWS))
            self._check_not_swapped(first, known)
            for row in itertools.chain(first, located):
                step.advance()
                if problem := outside(row.lon, row.lat):
                    report.refuse(KIND, row.line, problem.code, problem.reason, name=row.register_id)
                    continue
                yield row
        require_rows(path, report)

    def describe(self, path: Path, *, options: ReadingOptions) -> AddressFileDescription:
        """See `describe_addresses`."""
        to_wgs84 = transformer_from(options.crs)
        with self._opened(path, options) as table:
            columns = self._columns(table, options)
            looked_at = list(itertools.islice(table.rows, ROWS_LOOKED_AT))
            missing = tuple(meaning for meaning in NEEDED if meaning not in columns)
            report = ImportReport()
            rows: list[AddressRow] = []
            if not missing:
                table.rows = iter(looked_at)
                rows = list(self._located(table, columns, to_wgs84, report))
            return described(
                table.header,
                [cells for _line, cells in looked_at],
                mapping=columns,
                missing=missing,
                rows=rows,
                report=report,
                encoding=table.encoding,
                delimiter=table.delimiter,
                crs=options.crs or "EPSG:4326",
            )

    def _opened(self, path: Path, options: ReadingOptions) -> AbstractContextManager[CsvTable]:
        return open_table(path, encoding=options.encoding, delimiter=options.delimiter, usual_delimiter=self.delimiter)

    def _columns(self, table: CsvTable, options: ReadingOptions) -> dict[str, str]:
        return find_columns(
            table.header,
            said={**self.fixed, **options.columns},
            name=table.name,
            guesses={} if self.fixed else GUESSES,
        )

    def _located(
        self, table: CsvTable, columns: Mapping[str, str], to_wgs84: pyproj.Transformer | None, report: ImportReport
    ) -> Iterator[AddressRow]:
        """Rows whose cells are good, with longitude and latitude that may still be out of range."""
        for row in moved(self._parsed(table, columns, report), to_wgs84):
            if not row.register_id:
                row.register_id = derived_id(row)
            yield row

    def _parsed(self, table: CsvTable, columns: Mapping[str, str], report: ImportReport) -> Iterator[AddressRow]:
        positions = [(meaning, table.header.index(title)) for meaning, title in columns.items()]
        identifier = table.header.index(columns["id"]) if "id" in columns else None
        for line, cells in good_lines(table, report, identifier=identifier):
            values = {meaning: cells[position].strip() for meaning, position in positions}
            try:
                yield address_row(
                    values,
                    line=line,
                    lon=coordinate(values["lon"], "lon"),
                    lat=coordinate(values["lat"], "lat"),
                    pseudo_number=self.pseudo_number,
                )
            except RowRefused as refused:
                report.refuse(KIND, line, refused.code, refused.reason, name=values.get("id", ""))

    def _check_not_swapped(self, rows: list[AddressRow], known: Extent | None) -> None:
        """Raise CoordinatesSwapped when most of the rows make sense only the other way round."""
        swapped = 0
        for row in rows:
            lon, lat = row.lon, row.lat
            beyond_the_poles = abs(lat) > 90 and abs(lon) <= 90 and abs(lat) <= 180
            mirrored = self.impossible is not None and self.impossible.holds(lon, lat)
            elsewhere = known is not None and not known.holds(lon, lat) and known.holds(lat, lon)
            swapped += beyond_the_poles or mirrored or elsewhere
        if rows and swapped > len(rows) / 2:
            raise CoordinatesSwapped(
                _("Longitude and latitude seem to be in each other's column (%(swapped)s of the first %(rows)s rows).")
                % {"swapped": swapped, "rows": len(rows)}
            )


def good_lines(
    table: CsvTable, report: ImportReport, *, identifier: int | None = None
) -> Iterator[tuple[str, list[str]]]:
    """The lines with as many cells as the header, each with its number in words; counts and refuses the others.

    `identifier` is the column of identifiers: what stands there in a line with other cells than the header is most
    likely the identifier all the same, so that its address does not pass for gone.
    """
    line_said = _("line %(number)s")  # looked up once: there are millions of lines
    columns = len(table.header)
    for line_number, cells in table.rows:
        if len(cells) == columns:
            report.read[KIND] += 1
            yield line_said % {"number": line_number}, cells
        elif isinstance(cells, LineBroken):
            report.read[KIND] += 1
            reason = _("it cannot be divided into cells: %(error)s") % {"error": cells[0]}
            report.refuse(KIND, line_said % {"number": line_number}, "row_broken", reason)
        elif any(cell.strip() for cell in cells):
            report.read[KIND] += 1
            reason = _("it has %(cells)s cells where the header has %(columns)s") % {
                "cells": len(cells),
                "columns": columns,
            }
            name = cells[identifier].strip() if identifier is not None and identifier < len(cells) else ""
            report.refuse(KIND, line_said % {"number": line_number}, "row_ragged", reason, name=name)


def note_encoding(table: CsvTable, report: ImportReport) -> None:
    """Say what the file was read as, where that is not UTF-8."""
    if not table.encoding.startswith("utf-8"):
        report.notes.append(_("The file was read as %(encoding)s.") % {"encoding": table.encoding})


def require_rows(path: Path, report: ImportReport) -> None:
    """Raise FileEmpty when there was not one row."""
    if not report.read[KIND]:
        raise FileEmpty(_("%(file)s has a header and no rows.") % {"file": path.name})


BAN_COLUMNS = {
    "id": "id",
    "street_code": "id_fantoir",
    "house_number": "numero",
    "suffix": "rep",
    "street": "nom_voie",
    "postcode": "code_postal",
    "locality": "nom_commune",
    "lon": "lon",
    "lat": "lat",
}

register_format("csv", CsvAddresses(source="csv"))
register_format(
    "ban",
    CsvAddresses(
        source="ban",
        fixed=BAN_COLUMNS,
        delimiter=";",
        pseudo_number="99999",  # the BAN's number of a hamlet without numbers
        impossible=Extent(41.0, -6.0, 52.0, 10.0),  # metropolitan France mirrored, off the Horn of Africa
    ),
)
