"""`manage.py plan_rounds`: a mailing split into rounds, as files to print and to carry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress

from geoparticipation.mailings.domain.rounds import plan_rounds, write_rounds
from geoparticipation.mailings.domain.rounds.plan_rounds import PlannedRounds
from geoparticipation.mailings.errors import UnknownMailing
from geoparticipation.mailings.models import Mailing
from layers.errors import Refusal


class Command(BaseCommand):
    """Plan the rounds, keep them, and write a GPX file, a GeoJSON file and a sheet for each."""

    help = "Split a mailing into rounds in walking order; write GPX, GeoJSON and a sheet to print (PDF) for each."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which mailing, how many rounds, and where the files go."""
        parser.add_argument("mailing", type=int, metavar="ID", help="the mailing's number")
        how_many = parser.add_mutually_exclusive_group(required=True)
        how_many.add_argument("--rounds", type=int, metavar="K", help="so many rounds")
        how_many.add_argument("--minutes", type=float, metavar="M", help="rounds of at most so many minutes")
        parser.add_argument("--start", nargs=2, type=float, metavar=("LON", "LAT"), help="where each round starts")
        parser.add_argument("--end", nargs=2, type=float, metavar=("LON", "LAT"), help="where each round ends")
        parser.add_argument("--end-links", action="store_true", help="end the links to the rounds of before")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FOLDER", help="folder for the files")

    def handle(self, *_args: Any, **options: Any) -> None:
        """All or nothing: without files no rounds are kept."""
        try:
            planned, written = self._plan(options)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(reason)s.")
                % {"path": options["output"], "reason": error.strerror or error}
            ) from None
        for round_ in planned.rounds:
            self.stdout.write(
                _("Round %(number)d: %(letterboxes)d letterboxes, %(km).1f km, %(minutes)d minutes")
                % {
                    "number": round_.number,
                    "letterboxes": round_.letterbox_count,
                    "km": round_.length_m / 1000,
                    "minutes": round(round_.seconds / 60),
                }
            )
        self.stdout.write(
            _(
                "%(km).1f km in all; so many rounds cannot be shorter than %(least).1f km."
                " Furthest from the mean time: %(off)d %%."
            )
            % {
                "km": planned.length_m / 1000,
                "least": planned.lower_bound_m / 1000,
                "off": round(planned.imbalance * 100),
            }
        )
        if planned.beelines:
            self.stdout.write(
                _("Streets that do not meet were joined by straight lines: %(count)d") % {"count": planned.beelines}
            )
        self.stdout.write(_("%(count)d files written to %(path)s") % {"count": len(written), "path": options["output"]})

    @transaction.atomic
    def _plan(self, options: dict[str, Any]) -> tuple[PlannedRounds, list[Path]]:
        mailing = Mailing.objects.select_related("consultation").filter(pk=options["mailing"]).first()
        if mailing is None:
            raise UnknownMailing
        planned = plan_rounds(
            mailing=mailing,
            rounds=options["rounds"],
            minutes=options["minutes"],
            start=_point(options["start"]),
            end=_point(options["end"]),
            end_links=options["end_links"],
        )
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
            task = progress.add_task(_("Rounds"), total=len(planned.rounds))
            written = write_rounds(
                mailing=mailing,
                folder=options["output"],
                on_progress=lambda done, _in_all: progress.update(task, completed=done),
            )
        return planned, written


def _point(position: list[float] | None) -> Point | None:
    return None if position is None else Point(*position, srid=4326)
