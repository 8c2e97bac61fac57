"""What is wrong with an answer, in words; the page's script says the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from geoparticipation.surveys.answers.checking import AnswerFault

SENTENCES: Final[Mapping[str, str | Promise]] = {
    "missing": _("Please answer this: we need it."),
    "malformed": _("This cannot be read as an answer. Please answer again."),
    "unknown_choice": _("Please choose one of these."),
    "twice": _("Choose each of them once only."),
    "too_few": _("Choose {limit} at least."),
    "too_many": _("Choose {limit} at the most."),
    "not_a_number": _("Write a number, with digits."),
    "too_small": _("This must be {limit} or more."),
    "too_large": _("This must be {limit} or less."),
    "not_a_step": _("Only steps of {limit} can be chosen."),
    "too_long": _("This is too long: write {limit} characters at the most."),
    "not_a_date": _("Write a date, with day, month and year."),
    "too_early": _("Choose {limit} or a later day."),
    "too_late": _("Choose {limit} or an earlier day."),
    "too_few_places": _("Give {limit} places at least."),
    "too_many_places": _("Give {limit} places at the most."),
    "place_missing": _("Say where it is: on the map, or by typing an address, a street or a district."),
    "not_a_place": _("This shape cannot be used: it crosses itself, or has no size. Draw it again."),
    "shape_not_allowed": _("This cannot be answered with such a shape. Choose another tool."),
    "line_too_long": _("This line is too long: {limit} m at the most."),
    "area_too_large": _("This area is too large: {limit} m² at the most."),
    "over_total": _("This comes to more than there is: {limit} at the most. Take something away."),
}
"""By the fault's code; `{limit}` is what it should have kept to."""


def sentence_of(fault: AnswerFault) -> str:
    """The sentence for a person, with the limit as their language writes it."""
    return str(SENTENCES[fault.code]).replace("{limit}", _written(fault))


def _written(fault: AnswerFault) -> str:
    if fault.limit is None:
        return ""
    if fault.code in {"too_early", "too_late"}:
        return formats.date_format(date.fromisoformat(str(fault.limit)), "DATE_FORMAT")
    return str(formats.number_format(fault.limit, use_l10n=True, force_grouping=True))
