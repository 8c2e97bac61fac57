"""`manage.py import_districts FILE --level NAME --name-field F --code-field F --release NAME`."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from neighbourhoods.importers.command import ImportCommand
from neighbourhoods.importers.gis_rows import NAME_LANGUAGES, Fields
from neighbourhoods.importers.load_districts import import_districts
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport


class Command(ImportCommand):
    """Import the districts of one level."""

    help = "Import districts of one level from a GeoJSON or GeoPackage file, in any reference system."

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
        parser.add_argument("--layer", default="", help="Layer of the file, where it has several.")
        for language in NAME_LANGUAGES:
            parser.add_argument(
                f"--name-field-{language}", default="", metavar="F", help=f"Field of the name in {language}."
            )

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the districts."""
        names = {language: options[f"name_field_{language}"] for language in NAME_LANGUAGES}
        import_districts(
            path,
            level_name=options["level"],
            release_name=options["release"] or path.stem,
            fields=Fields(
                name=options["name_field"],
                code=options["code_field"],
                names={language: field for language, field in names.items() if field},
            ),
            report=report,
            layer=options["layer"],
            valid_from=options["valid_from"],
            ticker=ticker,
        )
