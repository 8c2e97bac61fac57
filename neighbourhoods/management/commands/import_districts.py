"""`manage.py import_districts FILE --level NAME --name-field F --code-field F --release NAME`."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from neighbourhoods.importers.command import ImportCommand
from neighbourhoods.importers.gis_options import (
    FORMATS_IN_WORDS,
    add_file_options,
    add_name_options,
    file_options,
    name_fields,
)
from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.importers.load_districts import import_districts
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport


class Command(ImportCommand):
    """Import the districts of one level."""

    help = "Import districts of one level from a GIS file (" + FORMATS_IN_WORDS + ")."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the level, the fields and the release."""
        super().add_arguments(parser)
        parser.add_argument("--level", required=True, help="Name of the level: commune, district, sector …")
        parser.add_argument("--name-field", required=True, metavar="F", help="Field of the district's name.")
        parser.add_argument("--code-field", default="", metavar="F", help="Field of its code; its name by default.")
        parser.add_argument("--release", default="", help="Name of this edition; the file's name by default.")
        parser.add_argument(
            "--valid-from", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="In force since."
        )
        add_file_options(parser)
        add_name_options(parser)

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the districts."""
        import_districts(
            path,
            level_name=options["level"],
            release_name=options["release"] or path.stem,
            fields=Fields(
                name=options["name_field"],
                code=options["code_field"],
                names=name_fields(options),
            ),
            report=report,
            **file_options(options),
            valid_from=options["valid_from"],
            ticker=ticker,
        )
