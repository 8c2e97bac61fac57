"""What was chosen, as the importers want to hear it."""

from __future__ import annotations

from neighbourhoods.domain.registers.choices import Choices, choices_of
from neighbourhoods.domain.registers.meanings import meanings_of
from neighbourhoods.domain.registers.summary import FileSummary
from neighbourhoods.importers.address_formats import ReadingOptions
from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.models import RegisterUpload


def format_of(upload: RegisterUpload) -> str:
    """The importers' name of the format of an upload of addresses: a known register's own, else `gis` or `csv`."""
    summary = FileSummary.of(upload)
    if summary.register:
        return summary.register
    return "gis" if summary.has_shapes else "csv"


def reading_options(upload: RegisterUpload) -> ReadingOptions:
    """How to read an upload of addresses: what was said to be in no column is not guessed once more."""
    said, summary = choices_of(upload), FileSummary.of(upload)
    meanings = meanings_of(upload.kind, has_shapes=summary.has_shapes)
    columns = {meaning.key: said.columns.get(meaning.key, "") for meaning in meanings}
    return ReadingOptions(
        columns={} if summary.register else columns,
        encoding=said.encoding,
        crs=said.crs,
        layer=said.layer,
    )


def fields_of(said: Choices) -> Fields:
    """Which attribute of a street or district holds what."""
    return Fields(
        name=said.columns.get("name", ""),
        code=said.columns.get("code", ""),
        locality=said.columns.get("locality", ""),
        names={
            meaning.removeprefix("name:"): column
            for meaning, column in said.columns.items()
            if meaning.startswith("name:") and column
        },
    )
