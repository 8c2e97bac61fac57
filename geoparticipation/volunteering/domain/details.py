"""What an offer and a mission have in common, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from geoparticipation.volunteering.domain.times import SLOTS, times_of
from geoparticipation.volunteering.enums import Level
from geoparticipation.volunteering.errors import OfferIncomplete
from geoparticipation.volunteering.models import Skill


@dataclass(frozen=True)
class When:
    """Slots of the week (0 to 20), and between which days, both included."""

    slots: Sequence[int]
    first: date | None = None
    last: date | None = None


def checked_times(when: When) -> int:
    """The bits of the times. Raises OfferIncomplete."""
    if not when.slots or any(not 0 <= number < SLOTS for number in when.slots):
        raise OfferIncomplete(_("Tick at least one time of the week."), field="times")
    if when.first and when.last and when.last < when.first:
        raise OfferIncomplete(_("The last day comes before the first one."), field="last")
    return times_of(when.slots)


def checked_skills(skills: Iterable[Skill], *, needed: bool) -> list[Skill]:
    """The skills, once each. Raises OfferIncomplete where there are none and one is needed."""
    chosen = list({skill.pk: skill for skill in skills}.values())
    if needed and not chosen:
        raise OfferIncomplete(_("Choose at least one thing that you can do."), field="skills")
    return chosen


def checked_level(level: int) -> Level:
    """The level. Raises OfferIncomplete."""
    if level not in Level.values:
        raise OfferIncomplete(_("Please choose one from the list."), field="level")
    return Level(level)
