"""`manage.py import_osm FILE.osm.pbf [--level N[=NAME]]…`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from neighbourhoods.importers.command import ImportCommand, add_closing_options
from neighbourhoods.importers.errors import LevelWrong
from neighbourhoods.importers.osm.load import import_osm
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport


def levels_from(texts: list[str]) -> dict[str, str]:
    """Admin level → name of the level, from "8" or "8=commune"; raises LevelWrong."""
    levels = {}
    for text in texts:
        number, _equals, name = text.partition("=")
        if not number.isdecimal() or not 1 <= int(number) <= 15:
            raise LevelWrong(
                _("“%(option)s” is no admin level of OpenStreetMap: write --level 8 or --level 8=commune.")
                % {"option": text}
            )
        levels[str(int(number))] = name.strip()
    return levels


class Command(ImportCommand):
    """Import districts, streets, addresses, parks, water and buildings from an OpenStreetMap extract."""

    help = "Import districts, streets, addresses and ground from an OpenStreetMap extract (.osm.pbf, .osm)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the levels."""
        super().add_arguments(parser)
        add_closing_options(parser)
        parser.add_argument(
            "--level",
            action="append",
            default=[],
            metavar="N[=NAME]",
            help="Admin level of boundaries to import, with the name of the level; may be repeated. "
            "By default 8=commune, 9=district and 10=sector, as far as the file has them.",
        )

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the extract."""
        import_osm(path, report=report, levels=levels_from(options["level"]), closing=options["closing"], ticker=ticker)
