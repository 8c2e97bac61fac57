"""What is in an address register, for a person who is to say what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layers.readers import FieldDescription, FileFormatUnknown, recognise_format
from layers.readers.description import samples_of
from layers.readers.formats import first_bytes, is_archive
from neighbourhoods.importers.address_rows import outside
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import AddressRow

if TYPE_CHECKING:
    from neighbourhoods.importers.address_formats import ReadingOptions

ROWS_LOOKED_AT = 200
_TELLING_COLUMNS = {
    "best": ("address_id", "street_id", "streetname_", "region_code", "status"),
    "ban": ("id_fantoir", "numero", "rep", "nom_voie", "code_postal", "nom_commune", "lon", "lat"),
}


@dataclass(frozen=True)
class AddressFileDescription:
    """What a register holds, as far as its first rows show.

    `mapping` is meaning → column (as the file spells it), said or guessed; `missing` are the meanings that no address
    can do without and that have no column yet: there are no `rows` then. `rows` are the good ones among the first
    `rows_read`, in 4326; `refused` tells of the others: how many by code, and up to three examples each.
    `layers` and `layer` are for GIS files: where there are several and none was chosen, the rest is empty.
    """

    columns: tuple[FieldDescription, ...]
    mapping: dict[str, str]
    missing: tuple[str, ...]
    rows: tuple[AddressRow, ...]
    rows_read: int
    refused: dict[str, tuple[int, tuple[str, ...]]]
    encoding: str = ""
    delimiter: str = ""
    crs: str = ""
    format: str = "CSV"
    layers: tuple[str, ...] = ()
    layer: str = ""


def describe_addresses(
    path: Path, *, format_name: str = "csv", options: ReadingOptions | None = None
) -> AddressFileDescription:
    """Look into a register of this format, with what a person has said of it so far; touches no table.

    Raises the Refusals of an import that concern the file as a whole, but a missing column is none yet.
    """
    from neighbourhoods.importers.address_formats import ReadingOptions
    from neighbourhoods.importers.load_addresses import format_named

    return format_named(format_name).describe(path, options=options or ReadingOptions())


def guess_format(path: Path) -> str:
    """The name of the format that a register seems to be in: by its first bytes, then by its header."""
    try:
        if is_archive(first_bytes(path)) or recognise_format(path):
            return "gis"
    except FileFormatUnknown:
        pass
    with path.open("rb") as file:
        header = file.readline(1 << 16).decode("utf-8-sig", errors="replace").casefold()
    for name, columns in _TELLING_COLUMNS.items():
        if all(column in header for column in columns):
            return name
    return "csv"


def described(
    header: Sequence[str],
    cells: Sequence[Sequence[object]],
    *,
    mapping: Mapping[str, str],
    missing: tuple[str, ...],
    rows: Sequence[AddressRow],
    report: ImportReport,
    **members: str | tuple[str, ...],
) -> AddressFileDescription:
    """The description made of the first rows' cells and of what they were parsed into."""
    good = []
    for row in rows:
        if problem := outside(row.lon, row.lat):
            report.refuse("addresses", row.line, problem.code, problem.reason)
        else:
            good.append(row)
    return AddressFileDescription(
        columns=tuple(
            FieldDescription(title, samples_of(row[position] for row in cells if position < len(row)))
            for position, title in enumerate(header)
        ),
        mapping=dict(mapping),
        missing=missing,
        rows=tuple(good),
        rows_read=len(cells),
        refused={
            code: (count, tuple(report.examples["addresses", code])) for (_kind, code), count in report.refused.items()
        },
        **members,  # type: ignore[arg-type]
    )
