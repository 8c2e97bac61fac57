"""`manage.py make_mailing`: a target turned into letterboxes, segments and codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from geoparticipation.consultations.errors import UnknownConsultation
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.enums import FlyersPer
from geoparticipation.mailings.errors import UnknownMailing
from geoparticipation.mailings.models import Mailing
from layers.errors import Refusal
from neighbourhoods.domain.targets import save_target
from neighbourhoods.domain.targets.command_options import add_target_options, target_from_options


class Command(BaseCommand):
    """Make a mailing and print its number."""

    help = "Freeze the letterboxes of districts, streets and areas for a consultation; print the mailing's id."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say for what, to whom, and how many."""
        parser.add_argument("name", metavar="NAME", help="what the mailing is called")
        parser.add_argument("--consultation", required=True, metavar="SLUG", help="address of the consultation's page")
        add_target_options(parser)
        parser.add_argument(
            "--flyers-per", choices=FlyersPer.values, default=FlyersPer.LETTERBOX, help="one flyer for each of these"
        )
        parser.add_argument(
            "--unanswered-of", type=int, metavar="ID", help="only those that did not answer that mailing"
        )
        parser.add_argument(
            "--include-no-flyers", action="store_true", help="keep letterboxes marked as not wanting flyers"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """All or nothing."""
        try:
            mailing = self._make(options)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        self.stderr.write(
            _("%(letterboxes)d letterboxes, %(flyers)d flyers; left out: %(unwanted)d “no flyers”, %(same)d duplicates")
            % {
                "letterboxes": mailing.letterbox_count,
                "flyers": mailing.flyer_count,
                "unwanted": mailing.no_flyers_left_out,
                "same": mailing.duplicates_left_out,
            }
        )
        self.stdout.write(str(mailing.pk))

    @transaction.atomic
    def _make(self, options: dict[str, Any]) -> Mailing:
        consultation = Consultation.objects.filter(slug=options["consultation"]).first()
        if consultation is None:
            raise UnknownConsultation
        earlier = None
        if options["unanswered_of"] is not None:
            earlier = Mailing.objects.filter(pk=options["unanswered_of"]).first()
            if earlier is None:
                raise UnknownMailing
        written = target_from_options(options)
        return make_mailing(
            name=options["name"],
            consultation=consultation,
            target=save_target(name=options["name"], parts=written.parts, user=None),
            flyers_per=options["flyers_per"],
            respect_no_flyers=not options["include_no_flyers"],
            only_unanswered_of=earlier,
        )
