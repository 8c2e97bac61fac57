"""The sheet on top of a round's flyers: whose bundle it is, how many there are, and through which streets it goes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geoparticipation.mailings.models import Mailing, RoundStop


@dataclass(frozen=True)
class Cover:
    """What stands on the cover sheet of a round, in the language in use."""

    mailing: str
    title: str
    figures: tuple[str, ...]
    streets: str

    @property
    def characters(self) -> set[str]:
        """All characters of it."""
        return set("".join((self.mailing, self.title, *self.figures, self.streets)))


def read_covers(mailing: Mailing) -> dict[int, Cover]:
    """The cover of each round by its number; two queries."""
    streets: dict[int, dict[str, int]] = {}
    stops = RoundStop.objects.filter(round__mailing=mailing).order_by("round__number", "order")
    for number, street, letterboxes in stops.values_list(
        "round__number", "segment__street_name", "letterbox_count"
    ).iterator(chunk_size=2000):
        counts = streets.setdefault(number, {})
        counts[street] = counts.get(street, 0) + letterboxes
    rounds = list(mailing.rounds.order_by("number"))
    covers = {}
    for one in rounds:
        covers[one.number] = Cover(
            mailing=" ".join(mailing.name.split()),
            title=_("Round %(number)d of %(all)d") % {"number": one.number, "all": len(rounds)},
            figures=(
                ngettext("%(count)d flyer", "%(count)d flyers", one.flyer_count) % {"count": one.flyer_count},
                ngettext("%(count)d letterbox", "%(count)d letterboxes", one.letterbox_count)
                % {"count": one.letterbox_count},
                _("%(km).1f km") % {"km": one.length_m / 1000}
                + ", "
                + _("about %(minutes)d minutes") % {"minutes": math.ceil(one.seconds / 60)},
            ),
            streets=", ".join(
                f"{street or _('no street')} ({letterboxes})"
                for street, letterboxes in streets.get(one.number, {}).items()
            ),
        )
    return covers
