"""`manage.py export_survey`: the responses to a survey as a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.results.files import FILE_FORMATS, write_responses
from geoparticipation.surveys.results.tallies import Narrowing
from layers.exports.formats import FileFormat


class Command(BaseCommand):
    """Write all responses that count, with their exact places, whole or not at all."""

    help = "Write the responses to a survey to a file: one layer or sheet for each question with places."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which survey, where to."""
        parser.add_argument("slug", help="the survey, by the address of its page")
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", help="ends in .csv, .xlsx or .gpkg, which decides"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write beside the file, then put it in place."""
        path = Path(options["output"])
        survey = Survey.objects.filter(slug=options["slug"]).first()
        if survey is None:
            raise CommandError(_("There is no survey “%(slug)s”.") % {"slug": options["slug"]})
        ending = path.suffix.removeprefix(".").lower()
        if ending not in FILE_FORMATS:
            raise CommandError(_("The name of the file must end in %(endings)s.") % {"endings": ".csv, .xlsx, .gpkg"})
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                write_responses(file, FileFormat(ending), survey, Narrowing())  # type: ignore[arg-type]
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
        self.stdout.write(_("%(count)d responses written.") % {"count": survey.responses.counted().count()})
