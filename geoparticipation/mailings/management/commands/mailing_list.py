"""`manage.py mailing_list`: the letterboxes of a target as a file."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import Progress

from geoparticipation.mailings.domain.write_mailing_list import LabelOptions, ListOptions, write_mailing_list
from geoparticipation.mailings.enums import Channel, FileFormat, LabelSheet
from geoparticipation.mailings.models import MailingListDownload
from layers.errors import Refusal
from neighbourhoods.domain.targets.command_options import WrittenTarget, add_target_options, target_from_options


class Command(BaseCommand):
    """Write the letterboxes of districts, streets and areas to a file, and record that it was done."""

    help = "Write the letterboxes of districts, streets and areas, as a mailing list, to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what is meant and where it goes."""
        add_target_options(parser)
        parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file to write")
        parser.add_argument(
            "--format", choices=FileFormat.values, default=FileFormat.CSV, help="format of the file (default: csv)"
        )
        labels = parser.add_argument_group("labels", "What --format labels-pdf prints on.")
        labels.add_argument(
            "--sheet",
            type=str.lower,
            choices=LabelSheet.values,
            default=LabelSheet.L7160,
            help="the sheet of labels (default: l7160, A4; 5160 is US Letter)",
        )
        labels.add_argument(
            "--start-at",
            type=int,
            default=1,
            metavar="N",
            help="the first label to print on, row by row, for a sheet partly used (default: 1)",
        )
        parser.add_argument(
            "--keep-duplicates", action="store_true", help="keep letterboxes that the register has more than once"
        )
        parser.add_argument(
            "--include-no-flyers", action="store_true", help="keep letterboxes marked as not wanting flyers"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file whole or not at all."""
        try:
            target = target_from_options(options)
            download = self._write(Path(options["output"]), target, options)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(reason)s.")
                % {"path": options["output"], "reason": error.strerror or error}
            ) from None
        self._report(download, target, options["output"])

    def _write(self, path: Path, target: WrittenTarget, options: dict[str, Any]) -> MailingListDownload:
        if path.is_dir():
            raise CommandError(_("%(path)s is a folder.") % {"path": path})
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                download = self._write_list(file, target, options)
            # mkstemp makes files for their owner alone; the list gets what the umask gives any new file.
            umask = os.umask(0)
            os.umask(umask)
            Path(unfinished).chmod(0o666 & ~umask)
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return download

    def _write_list(self, file: BinaryIO, target: WrittenTarget, options: dict[str, Any]) -> MailingListDownload:
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
            task = progress.add_task(_("Letterboxes"), total=None)
            return write_mailing_list(
                file=file,
                letterboxes_of=target.parts,
                name=target.name,
                downloaded_by=None,
                channel=Channel.COMMAND,
                file_format=FileFormat(options["format"]),
                labels=LabelOptions(sheet=LabelSheet(options["sheet"]), start_at=options["start_at"]),
                options=ListOptions(
                    deduplicate=not options["keep_duplicates"], respect_no_flyers=not options["include_no_flyers"]
                ),
                on_progress=lambda done, total: progress.update(task, completed=done, total=total),
            )

    def _report(self, download: MailingListDownload, target: WrittenTarget, output: str) -> None:
        for street in target.streets:
            self.stdout.write(
                _("Street: %(name)s, %(locality)s")
                % {"name": street.name, "locality": street.locality or _("no locality")}
            )
        written = ngettext(
            "%(count)d letterbox written to %(path)s", "%(count)d letterboxes written to %(path)s", download.letterboxes
        )
        self.stdout.write(written % {"count": download.letterboxes, "path": output})
        self.stdout.write(_("left out as duplicates: %(count)d") % {"count": download.duplicates_left_out})
        self.stdout.write(_("left out as “no flyers”: %(count)d") % {"count": download.no_flyers_left_out})
