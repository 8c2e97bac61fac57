"""Address registers as CSV: any with sensible column names, and the Base Adresse Nationale.

The BAN's columns: https://doc.adresse.data.gouv.fr/docs-ban/telecharger-des-donnees/fichiers-csv
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyproj
from django.utils.translation import gettext as _

from layers.geometry import WGS84, CrsUnknown, transformer_to_wgs84
from neighbourhoods.importers.address_formats import ReadingOptions, register_format
from neighbourhoods.importers.errors import (
    ColumnMissing,
    ColumnOptionWrong,
    CoordinatesSwapped,
    DelimiterWrong,
    FileEmpty,
    HeaderMissing,
    ReferenceSystemUnknown,
)
from neighbourhoods.importers.known_extent import Extent, known_extent
from neighbourhoods.importers.progress import Step, Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import AddressRow
from neighbourhoods.importers.text_file import find_encoding

KIND = "addresses"
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", r"\t": "\t"}
FIRST_ROWS = 1000
"""Rows looked at to see whether longitude and latitude are in each other's column."""

GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "address_id", "register_id", "cle_interop", "uid", "addressid"),
    "house_number": (
        "housenumber",
        "house_number",
        "addr:housenumber",
        "numero",
        "number",
        "num",
        "hausnummer",
        "huisnummer",
        "nr",
        "no",
    ),
    "suffix": ("rep", "suffix", "suffixe", "indice_repetition", "indice"),
    "street": (
        "street",
        "street_name",
        "streetname",
        "addr:street",
        "nom_voie",
        "voie",
        "rue",
        "strasse",
        "straße",
        "straat",
    ),
    "street_code": ("street_code", "code_voie", "streetcode", "id_street"),
    "box": ("box", "boite", "boîte", "bus", "unit"),
    "postcode": ("postcode", "postal_code", "postalcode", "addr:postcode", "code_postal", "cp", "plz", "zip"),
    "locality": ("city", "locality", "addr:city", "nom_commune", "commune", "ville", "municipality", "town", "ort"),
    "lon": ("lon", "longitude", "lng", "long", "x"),
    "lat": ("lat", "latitude", "y"),
    "dwellings": ("dwellings", "logements", "nb_logements", "flats"),
    "no_flyers": ("no_flyers", "stop_pub"),
}
NEEDED = ("street", "lon", "lat")
LONGEST = {"id": 120, "house_number": 40, "street": 200, "box": 40, "postcode": 16, "locality": 120}
YES = {"1", "true", "yes", "y", "oui", "vrai", "x", "ja"}
NO = {"", "0", "false", "no", "n", "non", "faux", "nein", "nee"}


@dataclass
class _Table:
    """An open CSV file: its header and the positions of the columns by their meaning."""

    header: list[str]
    columns: dict[str, int]
    rows: Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class CsvAddresses:
    """CSV with a header; `fixed` columns are the format's own, others are guessed or said by options."""

    source: str
    fixed: dict[str, str] = field(default_factory=dict)
    delimiter: str = ""
    pseudo_number: str = ""
    """A house number that means "none"."""
    impossible: Extent | None = None
    """Where no address of this register is, though its mirror image is."""

    def read(
        self, path: Path, *, options: ReadingOptions, report: ImportReport, ticker: Ticker
    ) -> Iterator[AddressRow]:
        """Yield good rows; see `AddressFormat.read`."""
        encoding = find_encoding(path, given=options.encoding)
        if not encoding.startswith("utf-8"):
            report.notes.append(_("The file was read as %(encoding)s.") % {"encoding": encoding})
        to_wgs84 = _transformer(options.crs)
        return self._read(
            path,
            encoding=encoding,
            to_wgs84=to_wgs84,
            options=options,
            known=known_extent(),
            report=report,
            step=ticker.step(_("Reading addresses")),
        )

    def _read(
        self,
        path: Path,
        *,
        encoding: str,
        to_wgs84: pyproj.Transformer | None,
        options: ReadingOptions,
        known: Extent | None,
        report: ImportReport,
        step: Step,
    ) -> Iterator[AddressRow]:
        with path.open(encoding=encoding, newline="") as file:
            table = self._open(file, options, path.name)
            located = self._located(table, to_wgs84, report)
            first = list(itertools.islice(located, FIRST_ROWS))
            self._check_not_swapped(first, known)
            for row in itertools.chain(first, located):
                step.advance()
                if problem := _outside(row.lon, row.lat):
                    report.refuse(KIND, row.line, *problem)
                    continue
                yield row
        if not report.read[KIND]:
            raise FileEmpty(_("%(file)s has a header and no rows.") % {"file": path.name})

    def _open(self, file: Iterator[str], options: ReadingOptions, name: str) -> _Table:
        lines = iter(file)
        first = next(lines, "")
        delimiter = self._delimiter(first, options, name)
        reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter)
        header = [cell.strip() for cell in next(reader)]
        if not any(header) or any(_number(cell) is not None for cell in header if cell):
            raise _header_missing(name, first)
        columns = self._columns(header, options, name)

        def numbered() -> Iterator[tuple[int, list[str]]]:
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield reader.line_num, [f"\0{error}"]
                    continue
                yield reader.line_num, cells

        return _Table(header, columns, numbered())

    def _delimiter(self, first: str, options: ReadingOptions, name: str) -> str:
        said = DELIMITERS.get(options.delimiter, options.delimiter) or self.delimiter
        counts = {sign: len(next(csv.reader([first], delimiter=sign), [])) for sign in (";", ",", "\t", "|")}
        best = max(counts, key=lambda sign: counts[sign])
        if said and len(said) != 1:
            raise DelimiterWrong(
                _("“%(delimiter)s” is no delimiter: give one character, or comma, semicolon, tab or pipe.")
                % {"delimiter": said}
            )
        if said and len(next(csv.reader([first], delimiter=said), [])) < 2:
            refused = _("The columns of %(file)s are not separated by “%(delimiter)s”.") % {
                "file": name,
                "delimiter": _shown(said),
            }
            if counts[best] > 1:
                refused += " " + _("It looks like “%(delimiter)s”.") % {"delimiter": _shown(best)}
            raise DelimiterWrong(refused)
        if not said and counts[best] < 2:
            if _number(first.strip()) is not None:
                raise _header_missing(name, first)
            raise DelimiterWrong(
                _("%(file)s has one column: its delimiter is none of comma, semicolon, tab and pipe.") % {"file": name}
            )
        return said or best

    def _columns(self, header: list[str], options: ReadingOptions, name: str) -> dict[str, int]:
        positions: dict[str, int] = {}
        for position, title in enumerate(header):
            positions.setdefault(title.casefold(), position)
        found: dict[str, int] = {}
        for meaning, title in {**self.fixed, **options.columns}.items():
            if meaning not in GUESSES:
                raise ColumnOptionWrong(
                    _("“%(meaning)s” is nothing that an address has. There are: %(known)s.")
                    % {"meaning": meaning, "known": ", ".join(GUESSES)}
                )
            if title.casefold() not in positions:
                raise ColumnMissing(
                    _("%(file)s has no column “%(column)s”. It has: %(columns)s.")
                    % {"file": name, "column": title, "columns": ", ".join(header)},
                    field=title,
                )
            found[meaning] = positions[title.casefold()]
        if not self.fixed:
            for meaning, titles in GUESSES.items():
                if meaning not in found:
                    at = next((positions[title] for title in titles if title in positions), None)
                    if at is not None and at not in found.values():
                        found[meaning] = at
        for meaning in NEEDED:
            if meaning not in found:
                raise ColumnMissing(
                    _(
                        "%(file)s has no column for “%(meaning)s”: say which with --column %(meaning)s=NAME. "
                        "It has: %(columns)s."
                    )
                    % {"file": name, "meaning": meaning, "columns": ", ".join(header)},
                    field=meaning,
                )
        return found

    def _located(
        self, table: _Table, to_wgs84: pyproj.Transformer | None, report: ImportReport
    ) -> Iterator[AddressRow]:
        """Rows whose cells are good, with longitude and latitude that may still be out of range."""
        line_said = _("line %(number)s")  # looked up once: there are millions of lines
        for line_number, cells in table.rows:
            if not any(cell.strip() for cell in cells):
                continue
            report.read[KIND] += 1
            line = line_said % {"number": line_number}
            parsed = self._row(table, cells, line)
            if isinstance(parsed, tuple):
                report.refuse(KIND, line, *parsed)
                continue
            if to_wgs84:
                lon, lat = to_wgs84.transform(parsed.lon, parsed.lat)
                parsed.lon, parsed.lat = round(lon, 8), round(lat, 8)
            if not parsed.register_id:
                parsed.register_id = _derived_id(parsed)
            yield parsed

    def _row(self, table: _Table, cells: Sequence[str], line: str) -> AddressRow | tuple[str, str]:
        """The row, or the code and the reason why it is refused."""
        if cells and cells[0].startswith("\0"):
            return "row_broken", _("it cannot be divided into cells: %(error)s") % {"error": cells[0][1:]}
        if len(cells) != len(table.header):
            return "row_ragged", _("it has %(cells)s cells where the header has %(columns)s") % {
                "cells": len(cells),
                "columns": len(table.header),
            }
        values = {meaning: cells[position].strip() for meaning, position in table.columns.items()}
        if not values["street"]:
            return "street_missing", _("it names no street")
        numbers: dict[str, float] = {}
        for meaning in ("lon", "lat"):
            if not values[meaning]:
                return "coordinates_missing", _("it has no “%(column)s”") % {"column": meaning}
            number = _number(values[meaning])
            if number is None:
                return "coordinates_not_a_number", _("%(column)s “%(value)s” is no number") % {
                    "column": meaning,
                    "value": values[meaning][:40],
                }
            numbers[meaning] = number
        house_number = values.get("house_number", "")
        if house_number == self.pseudo_number:
            house_number = ""
        if values.get("suffix"):
            house_number = f"{house_number} {values['suffix']}".strip()
        dwellings: int | None = None
        if values.get("dwellings"):
            if not values["dwellings"].isdecimal() or int(values["dwellings"]) > 10_000:
                return "dwellings_not_a_number", _("dwellings “%(value)s” is no number up to 10,000") % {
                    "value": values["dwellings"][:40]
                }
            dwellings = int(values["dwellings"])
        no_flyers: bool | None = None
        if "no_flyers" in values:
            mark = values["no_flyers"].casefold()
            if mark not in YES | NO:
                return "mark_unclear", _("“%(value)s” is neither yes nor no") % {"value": values["no_flyers"][:40]}
            no_flyers = mark in YES
        for meaning, longest in LONGEST.items():
            if len(house_number if meaning == "house_number" else values.get(meaning, "")) > longest:
                return "value_too_long", _("“%(column)s” is longer than %(longest)s characters") % {
                    "column": meaning,
                    "longest": longest,
                }
        return AddressRow(
            line=line,
            register_id=values.get("id", ""),
            street=values["street"],
            street_code=values.get("street_code", "")[:120],
            house_number=house_number,
            lon=numbers["lon"],
            lat=numbers["lat"],
            box=values.get("box", ""),
            postcode=values.get("postcode", ""),
            locality=values.get("locality", ""),
            dwellings=dwellings,
            no_flyers=no_flyers,
        )

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


def _header_missing(name: str, first: str) -> HeaderMissing:
    return HeaderMissing(
        _("The first line of %(file)s does not name the columns: “%(line)s”.")
        % {"file": name, "line": first.strip()[:80]}
    )


def _shown(delimiter: str) -> str:
    return _("tab") if delimiter == "\t" else delimiter


_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def _number(text: str) -> float | None:
    """A finite decimal number, with a point or a comma; None of anything else."""
    text = text.strip()
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def _outside(lon: float, lat: float) -> tuple[str, str] | None:
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return "coordinates_out_of_range", _("its coordinates lie outside their reference system")
    if abs(lon) > 180 or abs(lat) > 90:
        return "coordinates_out_of_range", _("%(lon)g, %(lat)g is no longitude and latitude in degrees") % {
            "lon": lon,
            "lat": lat,
        }
    if lon == 0 and lat == 0:
        return "coordinates_out_of_range", _("0, 0 stands for “unknown”")
    return None


def _transformer(crs: str) -> pyproj.Transformer | None:
    if not crs:
        return None
    try:
        transformer = transformer_to_wgs84(crs)
    except CrsUnknown as error:
        raise ReferenceSystemUnknown(
            _("“%(crs)s” is no known reference system: write for example EPSG:31370.") % {"crs": crs}
        ) from error
    return None if transformer.source_crs and transformer.source_crs.to_epsg() == WGS84 else transformer


def _derived_id(row: AddressRow) -> str:
    """An identifier made of what the row says: the same row has the same one at every import."""
    said = (row.street, row.house_number, row.box, row.postcode, row.locality, row.lon, row.lat)
    return "row-" + hashlib.sha256(repr(said).encode()).hexdigest()[:24]


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
