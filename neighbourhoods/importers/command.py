"""What every `import_…` command does alike: one transaction, a report, an exit code."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from rich.console import Console
from rich.table import Table

from layers.errors import Refusal
from neighbourhoods.importers.errors import FileMissing
from neighbourhoods.importers.progress import Ticker, progress_bars
from neighbourhoods.importers.report import ImportReport


class ImportCommand(BaseCommand):
    """Base of the import commands. Sub-commands write `import_file`.

    All of an import happens in one transaction: it fails as a whole, exit code 1, the database as it was.
    A second run of the same file changes nothing.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and where refused rows go."""
        parser.add_argument("file", type=Path, help="The file to import.")
        parser.add_argument(
            "--refused", type=Path, metavar="FILE.csv", help="Write each refused row with its reason to this CSV file."
        )

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the file; raises a Refusal when it cannot be."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import and print its report on stdout."""
        path: Path = options["file"]
        try:
            if not path.is_file():
                raise FileMissing(f"There is no file {path}.")
            with (
                ImportReport(refused_file=options["refused"]) as report,
                progress_bars() as ticker,
                transaction.atomic(),
            ):
                self.import_file(path, report=report, ticker=ticker, options=options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.detail} [{refusal.code}] Nothing was changed.") from refusal
        except OSError as error:
            raise CommandError(f"{error} [file_unreadable] Nothing was changed.") from error
        self.print_report(report)

    def print_report(self, report: ImportReport) -> None:
        """Print rows read, written and refused by kind, then the reasons of refusal, then the notes."""
        stdout: Any = self.stdout  # an OutputWrapper writes as a file does
        console = Console(file=stdout, width=None if self.stdout.isatty() else 160, highlight=False)
        table = Table(title="Import")
        table.add_column("")
        for heading in ("read", "written", "of these new", "changed", "unchanged", "refused"):
            table.add_column(heading, justify="right")
        for kind in report.kinds:
            numbers = (
                report.read[kind],
                report.written(kind),
                report.created[kind],
                report.changed[kind],
                report.unchanged[kind],
                report.refused_of(kind),
            )
            table.add_row(kind, *(f"{number:,}" for number in numbers))
        console.print(table)
        if report.refused:
            reasons = Table(title="Refused rows")
            for heading in ("kind", "code", "rows", "for example"):
                reasons.add_column(heading, justify="right" if heading == "rows" else "left")
            for (kind, code), count in report.refused.most_common():
                reasons.add_row(kind, code, f"{count:,}", "\n".join(report.examples[kind, code]))
            console.print(reasons)
        for note in report.notes:
            console.print(f"Note: {note}", markup=False)
