"""What every `import_…` command does alike: one transaction, a report, an exit code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rich.console import Console
from rich.table import Table

from layers.errors import Refusal
from layers.readers import FileMissing
from neighbourhoods.importers.progress import Ticker, progress_bars
from neighbourhoods.importers.report import ImportReport, column_in_words, kind_in_words
from neighbourhoods.importers.store.closing import Closing


def add_closing_options(parser: ArgumentParser) -> None:
    """Add the options that say what happens to rows of the register that the file does not have."""
    closing = parser.add_mutually_exclusive_group()
    closing.add_argument(
        "--partial",
        dest="closing",
        action="store_const",
        const=Closing.NOTHING,
        default=Closing.GUARDED,
        help="The file is only a part of its register: what it lacks stays in force.",
    )
    closing.add_argument(
        "--close-many",
        dest="closing",
        action="store_const",
        const=Closing.MANY,
        help="Close what the file lacks, even if that is most of the register.",
    )


class ImportCommand(BaseCommand, ABC):
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

    @abstractmethod
    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the file; raises a Refusal when it cannot be."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import and print its report on stdout."""
        path: Path = options["file"]
        try:
            if not path.is_file():
                raise FileMissing(_("There is no file “%(path)s”.") % {"path": path})
            with (
                ImportReport(refused_file=options["refused"]) as report,
                progress_bars() as ticker,
                transaction.atomic(),
            ):
                self.import_file(path, report=report, ticker=ticker, options=options)
        except Refusal as refusal:
            raise CommandError(refused_in_words(refusal.detail, refusal.code)) from refusal
        except OSError as error:
            reason = _("A file could not be read or written: %(error)s.") % {"error": error}
            raise CommandError(refused_in_words(reason, "file_unreadable")) from error
        self.print_report(report)

    def print_report(self, report: ImportReport) -> None:
        """Print rows read, written and refused by kind, then the reasons of refusal, then the notes."""
        stdout: Any = self.stdout  # an OutputWrapper writes as a file does
        # What a file says is text: a street called “[/b]” is no mark-up.
        console = Console(
            file=stdout, width=None if self.stdout.isatty() else 160, highlight=False, markup=False, emoji=False
        )
        table = Table(title=_("Import"))
        table.add_column("")
        for heading in (
            pgettext("rows", "read"),
            pgettext("rows", "written"),
            pgettext("rows", "of these new"),
            pgettext("rows", "changed"),
            pgettext("rows", "unchanged"),
            pgettext("rows", "reopened"),
            pgettext("rows", "closed"),
            pgettext("rows", "refused"),
        ):
            table.add_column(heading, justify="right")
        for kind in report.kinds:
            numbers = (
                report.read[kind],
                report.written(kind),
                report.created[kind],
                report.changed[kind],
                report.unchanged[kind],
                report.reopened[kind],
                report.closed[kind],
                report.refused_of(kind),
            )
            table.add_row(kind_in_words(kind), *(_in_words(number) for number in numbers))
        console.print(table)
        for kind in report.kinds:
            if columns := report.columns_of(kind):
                listed = ", ".join(f"{column_in_words(column)} {_in_words(count)}" for column, count in columns)
                console.print(
                    _("What changed in %(kind)s: %(columns)s.") % {"kind": kind_in_words(kind), "columns": listed}
                )
        if report.refused:
            reasons = Table(title=_("Refused rows"))
            reasons.add_column(_("kind"))
            reasons.add_column(_("code"))
            reasons.add_column(_("rows"), justify="right")
            reasons.add_column(_("for example"))
            for (kind, code), count in report.refused.most_common():
                examples = "\n".join(report.examples[kind, code])
                reasons.add_row(kind_in_words(kind), code, _in_words(count), examples)
            console.print(reasons)
        for note in report.notes:
            console.print(_("Note: %(note)s") % {"note": note})


def refused_in_words(detail: str, code: str) -> str:
    """Why nothing was done, with the code."""
    return _("%(detail)s [%(code)s] Nothing was changed.") % {"detail": detail, "code": code}


def _in_words(number: int) -> str:
    """With its thousands apart, as the language has them."""
    return number_format(number, force_grouping=True)
