"""`manage.py export_pb SLUG -o FILE.pb`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from geoparticipation.budgets.pabulib.writing import write_pabulib
from geoparticipation.budgets.queries import get_budget
from layers.errors import Refusal


class Command(BaseCommand):
    """Write a budget to a file."""

    help = "Write a participatory budget, its projects and its ballots to a Pabulib file (.pb)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what, and where to."""
        parser.add_argument("slug", metavar="SLUG", help="address of the consultation's page")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.pb", help="the file to write")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file, whole or not at all."""
        try:
            budget = get_budget(options["slug"])
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        path: Path = options["output"]
        partial = path.with_name(f"{path.name}.part")
        try:
            partial.write_text(write_pabulib(budget), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise CommandError(
                _("%(path)s could not be written: %(error)s.") % {"path": path, "error": error}
            ) from None
        self.stderr.write(
            _("%(projects)d projects and %(ballots)d ballots written to %(path)s")
            % {
                "projects": budget.projects.on_ballot(budget).count(),
                "ballots": budget.ballots.count(),
                "path": path,
            }
        )
