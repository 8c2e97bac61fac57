"""`manage.py import_addresses FILE --format ban|best|csv|gis …`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from neighbourhoods.importers.address_formats import ReadingOptions
from neighbourhoods.importers.command import ImportCommand, add_closing_options
from neighbourhoods.importers.errors import ColumnOptionWrong
from neighbourhoods.importers.gis_options import FORMATS_IN_WORDS, add_file_options, file_options
from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport


def columns_from(texts: list[str]) -> dict[str, str]:
    """Meaning → column, from "street=Nom de la voie"; raises ColumnOptionWrong."""
    columns = {}
    for text in texts:
        meaning, equals, column = text.partition("=")
        if not (equals and meaning.strip() and column.strip()):
            raise ColumnOptionWrong(_("“%(option)s” names no column: write --column street=NAME.") % {"option": text})
        columns[meaning.strip()] = column.strip()
    return columns


class Command(ImportCommand):
    """Import an address register."""

    help = (
        "Import an address register: the Base Adresse Nationale (ban), Belgium's BeSt Address (best), any CSV (csv), "
        "or points of a GIS file (gis: " + FORMATS_IN_WORDS + ")."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the format and what there is to say about the file."""
        super().add_arguments(parser)
        add_closing_options(parser)
        parser.add_argument("--format", required=True, help="Format of the register: ban, best, csv or gis.")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="MEANING=NAME",
            help="Which column holds what: id, street, street_code, house_number, suffix, box, postcode, locality, "
            "lon, lat, dwellings or no_flyers. Columns with obvious names are found without.",
        )
        parser.add_argument("--delimiter", default="", help="Character between the columns; found by itself.")
        add_file_options(parser)
        parser.add_argument("--source", default="", help="Name of the register; its format by default.")

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the register."""
        reading = ReadingOptions(
            columns=columns_from(options["column"]),
            delimiter=options["delimiter"],
            **file_options(options),
        )
        import_addresses(
            path,
            format_name=options["format"],
            report=report,
            options=reading,
            source=options["source"][:40],
            closing=options["closing"],
            ticker=ticker,
        )
