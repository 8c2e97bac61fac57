"""`manage.py import_streets FILE [--name-field F] [--name-field-LANGUAGE F]… [--code-field F] [--locality-field F]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from neighbourhoods.importers.command import ImportCommand, add_closing_options
from neighbourhoods.importers.gis_rows import NAME_LANGUAGES, Fields
from neighbourhoods.importers.load_streets import SOURCE, import_streets
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport


class Command(ImportCommand):
    """Import a register of streets."""

    help = "Import streets, drawn as lines or as surfaces, from a GeoJSON or GeoPackage file in any reference system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the fields."""
        super().add_arguments(parser)
        add_closing_options(parser)
        parser.add_argument("--name-field", default="", metavar="F", help="Field of the street's name.")
        parser.add_argument("--code-field", default="", metavar="F", help="Field of its official code.")
        parser.add_argument("--locality-field", default="", metavar="F", help="Field of its locality.")
        parser.add_argument("--layer", default="", help="Layer of the file, where it has several.")
        parser.add_argument("--source", default=SOURCE, help="Name of the register.")
        for language in NAME_LANGUAGES:
            parser.add_argument(
                f"--name-field-{language}", default="", metavar="F", help=f"Field of the name in {language}."
            )

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the streets."""
        names = {language: options[f"name_field_{language}"] for language in NAME_LANGUAGES}
        import_streets(
            path,
            fields=Fields(
                name=options["name_field"],
                code=options["code_field"],
                locality=options["locality_field"],
                names={language: field for language, field in names.items() if field},
            ),
            report=report,
            source=options["source"][:40],
            layer=options["layer"],
            closing=options["closing"],
            ticker=ticker,
        )
