"""`manage.py import_streets FILE [--name-field F] [--name-field-LANGUAGE F]… [--code-field F] [--locality-field F]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from neighbourhoods.importers.command import ImportCommand, add_closing_options
from neighbourhoods.importers.gis_options import (
    FORMATS_IN_WORDS,
    add_file_options,
    add_name_options,
    file_options,
    name_fields,
)
from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.importers.load_streets import SOURCE, import_streets
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport


class Command(ImportCommand):
    """Import a register of streets."""

    help = "Import streets, drawn as lines or as surfaces, from a GIS file (" + FORMATS_IN_WORDS + ")."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the fields."""
        super().add_arguments(parser)
        add_closing_options(parser)
        parser.add_argument("--name-field", default="", metavar="F", help="Field of the street's name.")
        parser.add_argument("--code-field", default="", metavar="F", help="Field of its official code.")
        parser.add_argument("--locality-field", default="", metavar="F", help="Field of its locality.")
        parser.add_argument("--source", default=SOURCE, help="Name of the register.")
        add_file_options(parser)
        add_name_options(parser)

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the streets."""
        import_streets(
            path,
            fields=Fields(
                name=options["name_field"],
                code=options["code_field"],
                locality=options["locality_field"],
                names=name_fields(options),
            ),
            report=report,
            source=options["source"][:40],
            **file_options(options),
            closing=options["closing"],
            ticker=ticker,
        )
