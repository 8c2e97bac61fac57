"""`manage.py flyers`: the flyers of a mailing as a print file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import Progress

from geoparticipation.mailings.domain.flyers.design import design_of
from geoparticipation.mailings.domain.flyers.pages import PrintOptions
from geoparticipation.mailings.domain.flyers.postage import write_postage
from geoparticipation.mailings.domain.flyers.write_flyers import Written, write_flyers
from geoparticipation.mailings.enums import FlyerOrder, FlyerTemplate
from geoparticipation.mailings.errors import AddressedTooSmall, ReplyTooSmall, UnknownMailing
from geoparticipation.mailings.models import FlyerDesign, Mailing
from layers.errors import Refusal


class Command(BaseCommand):
    """Write a flyer for each letterbox or dwelling of a mailing, each with its own code."""

    help = "Write the flyers of a mailing as a PDF. A run that was stopped goes on when it is started again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which mailing, and how it is printed."""
        parser.add_argument("mailing", type=int, metavar="ID", help="what make_mailing printed")
        parser.add_argument(
            "--format", choices=["pdf", "csv"], default="pdf", help="csv: the addresses, for a bulk mailer"
        )
        parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file to write")
        parser.add_argument("--template", choices=FlyerTemplate.values, help="instead of the design's")
        parser.add_argument("--addressed", action="store_true", help="with addresses for window envelopes (a4)")
        parser.add_argument("--bleed", action="store_true", help="with 3 mm of bleed and crop marks")
        parser.add_argument("--order", choices=FlyerOrder.values, default=FlyerOrder.LIST, help="walk: by round")
        parser.add_argument("--covers", action="store_true", help="a cover sheet before each round (--order walk)")
        parser.add_argument("--on-a4", action="store_true", help="as many as fit on each sheet of A4")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file whole or not at all; until then its pages are kept beside it, to go on with."""
        path = Path(options["output"])
        if path.is_dir():
            raise CommandError(_("%(path)s is a folder.") % {"path": path})
        try:
            design = self._design(options)
            if options["format"] == "csv":
                rows = write_postage(mailing=design.mailing, path=path, order=options["order"])
                told = ngettext(
                    "%(count)d address written to %(path)s", "%(count)d addresses written to %(path)s", rows
                )
                self.stdout.write(told % {"count": rows, "path": path})
                return
            written = self._write(path, design, options)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(reason)s.") % {"path": path, "reason": error.strerror or error}
            ) from None
        told = ngettext("%(count)d flyer written to %(path)s", "%(count)d flyers written to %(path)s", written.flyers)
        self.stdout.write(told % {"count": written.flyers, "path": path})
        if written.pages_found:
            self.stdout.write(_("pages that an earlier run had written: %(count)d") % {"count": written.pages_found})

    def _write(self, path: Path, design: FlyerDesign, options: dict[str, Any]) -> Written:
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
            task = progress.add_task(_("Pages"), total=None)
            return write_flyers(
                design=design,
                path=path,
                options=PrintOptions(
                    bleed=options["bleed"],
                    on_a4=options["on_a4"],
                    order=options["order"],
                    with_covers=options["covers"],
                ),
                on_progress=lambda done, in_all: progress.update(task, completed=done, total=in_all),
            )

    def _design(self, options: dict[str, Any]) -> FlyerDesign:
        mailing = Mailing.objects.select_related("consultation", "target").filter(pk=options["mailing"]).first()
        if mailing is None:
            raise UnknownMailing
        design = design_of(mailing)
        design.template = options["template"] or design.template
        design.addressed = options["addressed"] or design.addressed
        if design.addressed and design.template != FlyerTemplate.A4:
            raise AddressedTooSmall
        if design.with_reply and design.template == FlyerTemplate.A6:
            raise ReplyTooSmall
        return design
