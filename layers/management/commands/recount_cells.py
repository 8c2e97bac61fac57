"""`manage.py recount_cells`: compare the density cells with the rows, and put right what differs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from layers.registry import maintained_cells


class Command(BaseCommand):
    """Counts all rows again while people go on writing; says what differed."""

    help = (
        "Compares the density cells with a full count of the rows, puts right what differs and folds. "
        "With --check, nothing is changed and a difference is an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to repair."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail if anything differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at one table of cells after the other."""
        wrong = False
        for cells in maintained_cells():
            found = cells.recount(repair=not options["check"])
            wrong = wrong or found.cells > 0
            self.stdout.write(f"{cells.cells}: {found.cells} cells differed, {found.rows} rows missing or too many")
            if not options["check"]:
                self.stdout.write(f"{cells.cells}: {cells.fold()} differences folded")
        if wrong and options["check"]:
            raise CommandError("The cells differ from the rows. Run recount_cells without --check.")
