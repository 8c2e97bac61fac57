"""The form by which agents say how a mailing is split into rounds."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.contrib.gis.geos import Point
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.mailings.models import RoundPlan
from geoparticipation.mailings.models.round import PLACE_LENGTH
from neighbourhoods.domain.search_places import search_places, the_one_meant

MOST_ROUNDS: Final = 1000
MOST_MINUTES: Final = 24 * 60
LEAST_MINUTES: Final = 5
_CHOICES_NAMED: Final = 4
_POSITION: Final = re.compile(r"(-?\d{1,3}(?:\.\d{1,15})?),(-?\d{1,2}(?:\.\d{1,15})?)")


class HowMany(models.TextChoices):
    """By what rounds are made."""

    ROUNDS = "rounds", gettext_lazy("a number of rounds")
    MINUTES = "minutes", gettext_lazy("rounds of at most so many minutes")


class RoundsForm(forms.Form):
    """How many rounds or minutes, and where every round starts and ends.

    A place is typed, or chosen by the page's script, which then gives its position ("lon,lat") as well. `start` and
    `end` are, once it is valid, points (SRID 4326) or None. Cleaning takes two queries for each typed place.
    """

    by = forms.ChoiceField(
        label=gettext_lazy("Split by"), choices=HowMany.choices, initial=HowMany.ROUNDS, widget=forms.RadioSelect
    )
    rounds = forms.IntegerField(
        label=gettext_lazy("Number of rounds"), min_value=1, max_value=MOST_ROUNDS, initial=4, required=False
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of a round at the most"),
        min_value=LEAST_MINUTES,
        max_value=MOST_MINUTES,
        initial=90,
        required=False,
    )
    start_words = forms.CharField(label=gettext_lazy("All rounds start at"), max_length=PLACE_LENGTH, required=False)
    start_position = forms.CharField(required=False, widget=forms.HiddenInput)
    end_words = forms.CharField(label=gettext_lazy("All rounds end at"), max_length=PLACE_LENGTH, required=False)
    end_position = forms.CharField(required=False, widget=forms.HiddenInput)

    end_links = forms.BooleanField(
        label=gettext_lazy("The links to these rounds may end, with what was noted but not sent"), required=False
    )

    start: Point | None = None
    end: Point | None = None

    @staticmethod
    def initial_of(plan: RoundPlan | None) -> dict[str, Any]:
        """What was asked for last."""
        if plan is None:
            return {}
        said: dict[str, Any] = {"by": HowMany.ROUNDS if plan.rounds is not None else HowMany.MINUTES}
        if plan.rounds is not None:
            said["rounds"] = plan.rounds
        if plan.minutes is not None:
            said["minutes"] = round(plan.minutes)
        for end, point, words in (("start", plan.start, plan.start_words), ("end", plan.end, plan.end_words)):
            if point is not None:
                said[f"{end}_position"] = f"{point.x:.6f},{point.y:.6f}"
                said[f"{end}_words"] = words or _("a point on the map")
        return said

    def clean(self) -> dict[str, Any]:
        """Take the number that counts, and find the places."""
        cleaned = super().clean() or {}
        by = cleaned.get("by")
        if by and cleaned.get(by) is None and by not in self.errors:
            self.add_error(by, _("Enter a number."))
        self.start, self.end = self._place("start"), self._place("end")
        return cleaned

    def _place(self, end: str) -> Point | None:
        words = " ".join((self.cleaned_data.get(f"{end}_words") or "").split())
        position = _POSITION.fullmatch(self.cleaned_data.get(f"{end}_position") or "")
        if not words:
            return None
        if position and abs(float(position[1])) <= 180 and abs(float(position[2])) <= 90:
            return Point(float(position[1]), float(position[2]), srid=4326)
        found = [place for place in search_places(text=words) if place.lon is not None]
        meant = the_one_meant(words, found)
        if meant is not None and meant.lon is not None and meant.lat is not None:
            return Point(meant.lon, meant.lat, srid=4326)
        if found:
            names = "; ".join(f"{place.label} ({place.detail})" for place in found[:_CHOICES_NAMED])
            self.add_error(
                f"{end}_words", _("Several places are meant. Write one of them in full: %(names)s") % {"names": names}
            )
        else:
            self.add_error(
                f"{end}_words",
                _("We found no “%(text)s” in this town. Check the spelling, or type only the street.")
                % {"text": words},
            )
        return None
