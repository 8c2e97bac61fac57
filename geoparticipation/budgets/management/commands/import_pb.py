"""`manage.py import_pb FILE.pb --consultation SLUG [--districts FILE.geojson]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from geoparticipation.budgets.domain.import_pabulib import import_pabulib
from geoparticipation.budgets.pabulib.districts import label_of, load_districts
from geoparticipation.budgets.pabulib.reading import read_pabulib
from neighbourhoods.importers.command import ImportCommand
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport


class Command(ImportCommand):
    """Import a participatory budget of the Pabulib format."""

    help = "Import a participatory budget, its projects and its ballots from a Pabulib file (.pb)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where to, and the districts."""
        super().add_arguments(parser)
        parser.add_argument(
            "--consultation", required=True, metavar="SLUG", help="Address of the consultation; made if there is none."
        )
        parser.add_argument(
            "--districts", type=Path, metavar="FILE.geojson", help="Districts that the file's projects lie in."
        )
        parser.add_argument("--level", default="quartier", metavar="NAME", help="Level of those districts.")

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the districts first, then the budget; all or nothing."""
        file = read_pabulib(path)
        if options["districts"]:
            load_districts(
                options["districts"],
                labels=[label_of(row) for _line, row in file.projects.rows],
                level=options["level"],
                release=options["districts"].stem,
                report=report,
                ticker=ticker,
            )
        import_pabulib(file=file, slug=options["consultation"], report=report, ticker=ticker)
