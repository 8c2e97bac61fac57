"""`manage.py export_contributions`: contributions as a file."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import Progress

from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain.exports import extract_contributions, record_export
from geoparticipation.contributions.enums import Scope
from geoparticipation.contributions.filters import FILTERS
from layers.errors import Refusal
from layers.exports.formats import FORMATS, FileFormat

_WORDS = {
    "in_bbox": "west,south,east,north in degrees",
    "kind": "proposal or comment",
    "consultation": "slug of a consultation",
    "district": "code of a district",
    "street": "name of a street",
    "council": "slug of a neighbourhood council",
    "status": "a status (with --scope internal)",
    "q": "words in title or text",
    "submitted_after": "ISO date or date and time, included",
    "submitted_before": "ISO date or date and time, not included",
}


class Command(BaseCommand):
    """Write contributions to a file, whole or not at all."""

    help = "Write contributions, chosen by filters, to a file for a spreadsheet or a GIS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which contributions, as what, where to."""
        parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file to write")
        parser.add_argument(
            "--format", choices=FileFormat.values, help="format of the file (default: by the ending of its name)"
        )
        parser.add_argument(
            "--scope",
            choices=Scope.values,
            default=Scope.PUBLIC.value,
            help="public (default), planning or internal; the last two need --as",
        )
        parser.add_argument("--as", dest="person", metavar="EMAIL", help="whose role opens the scope, and is noted")
        filters = parser.add_argument_group("filters", "As in the list; each may be repeated.")
        for name in FILTERS:
            option = f"--{name.replace('_', '-')}"
            filters.add_argument(option, dest=name, action="append", default=[], metavar="VALUE", help=_WORDS[name])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file whole or not at all."""
        path = Path(options["output"])
        file_format = self._format(path, options["format"])
        parameters = QueryDict(mutable=True)
        for name in FILTERS:
            parameters.setlist(name, options[name])
        try:
            written = self._write(path, file_format, Scope(options["scope"]), parameters, self._person(options))
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(reason)s.") % {"path": path, "reason": error.strerror or error}
            ) from None
        said = ngettext(
            "%(count)d contribution written to %(path)s", "%(count)d contributions written to %(path)s", written
        )
        self.stdout.write(said % {"count": written, "path": path})

    def _format(self, path: Path, named: str | None) -> FileFormat:
        if named:
            return FileFormat(named)
        for file_format, written_as in FORMATS.items():
            if path.suffix.lower() == f".{written_as.extension}":
                return file_format
        raise CommandError(_("Say what to write: --format %(formats)s.") % {"formats": "|".join(FileFormat.values)})

    def _person(self, options: dict[str, Any]) -> User | None:
        if not options["person"]:
            return None
        person = User.objects.filter(email__iexact=options["person"], is_active=True).first()
        if person is None:
            raise CommandError(_("Nobody has an account as %(email)s.") % {"email": options["person"]})
        return person

    def _write(
        self, path: Path, file_format: FileFormat, scope: Scope, parameters: QueryDict, person: User | None
    ) -> int:
        if path.is_dir():
            raise CommandError(_("%(path)s is a folder.") % {"path": path})
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        written = 0
        try:
            with (
                os.fdopen(handle, "wb") as file,
                Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress,
                translation.override(settings.LANGUAGE_CODE),
            ):
                bar = progress.add_task(_("Contributions"), total=None)

                def tell(rows: int) -> None:
                    nonlocal written
                    written = rows
                    progress.update(bar, completed=rows)

                extract = extract_contributions(
                    user=person, scope=scope, parameters=parameters, file_format=file_format, tell=tell
                )
                progress.update(bar, total=extract.rows.order_by().count())
                FORMATS[file_format].write(file, extract)
            if scope is not Scope.PUBLIC:
                record_export(user=person, scope=scope, file_format=file_format, parameters=parameters, rows=written)
                Path(unfinished).replace(path)  # for its owner alone, as it was made
                return written
            umask = os.umask(0)
            os.umask(umask)
            Path(unfinished).chmod(0o666 & ~umask)
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return written
