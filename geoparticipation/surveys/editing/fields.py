"""What can be filled in about a question of each kind, in the order of the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Field:
    """One thing to fill in; `widget` is the template that shows it.

    "words" and "lines" take a text in each language, "number", "whole", "day" one value, "yes" a tick, "shapes" and
    "inside" are closed lists, "choices", "places" and "items" are rows, each with words and a key.
    """

    name: str
    label: Any
    widget: str
    help: Any = ""
    optional: bool = True


_CHOICES: Final = Field(
    "choices", _("Choices"), "choices", _("Empty rows are left out. What has answers keeps its place."), optional=False
)
_OTHER: Final = Field("other", _("Also “other”, with one's own words"), "yes")
_RANDOM: Final = Field("random_order", _("Show the choices in another order to everybody"), "yes")

ALWAYS: Final = (
    Field("label", _("Question"), "lines", optional=False),
    Field("help", _("Help"), "lines", _("What people need to know to answer.")),
)
REQUIRED: Final = Field("required", _("An answer is needed"), "yes")

OF_KIND: Final[Mapping[str, tuple[Field, ...]]] = {
    "single": (_CHOICES, _OTHER, _RANDOM),
    "multiple": (
        _CHOICES,
        _OTHER,
        _RANDOM,
        Field("min_choices", _("At least so many"), "whole"),
        Field("max_choices", _("At most so many"), "whole"),
    ),
    "ranking": (
        Field("choices", _("What is put in order"), "choices", _("Empty rows are left out."), optional=False),
        Field("max_ranks", _("Only the first so many"), "whole", _("Empty: all of them.")),
    ),
    "scale": (
        Field("minimum", _("From"), "whole", optional=False),
        Field("maximum", _("To"), "whole", optional=False),
        Field("labels.minimum", _("Words for the lower end"), "words"),
        Field("labels.maximum", _("Words for the upper end"), "words"),
    ),
    "matrix": (
        Field("rows", _("Rows"), "choices", _("One line of the table each."), optional=False),
        Field("choices", _("Choices of each row"), "choices", _("At most ten."), optional=False),
    ),
    "number": (
        Field("minimum", _("Not below"), "number"),
        Field("maximum", _("Not above"), "number"),
        Field("step", _("In steps of"), "number", _("1 for whole numbers; empty for any.")),
        Field("unit", _("Unit"), "words", _("Shown after the number, as in “km”.")),
    ),
    "short_text": (Field("max_length", _("At most so many characters"), "whole"),),
    "long_text": (Field("max_length", _("At most so many characters"), "whole"),),
    "date": (
        Field("earliest", _("Not before"), "day"),
        Field("latest", _("Not after"), "day"),
    ),
    "place": (
        Field("shapes", _("What can be drawn"), "shapes", optional=False),
        Field("min_places", _("At least so many places"), "whole"),
        Field("max_places", _("At most so many places"), "whole"),
        Field("max_length_m", _("Longest line, in metres"), "number"),
        Field("max_area_m2", _("Largest area, in m²"), "number", _("10,000 m² are one hectare.")),
        Field("inside", _("Where the places lie"), "inside", optional=False),
    ),
    "places_choice": (
        Field("places", _("Places"), "places", _("Empty rows are left out."), optional=False),
        Field("max_choices", _("At most so many"), "whole"),
    ),
    "photo": (Field("with_place", _("Also ask where it was taken"), "yes"),),
    "budget": (
        Field("items", _("What money can go to"), "items", _("Empty rows are left out."), optional=False),
        Field("total", _("Money there is"), "number", optional=False),
        Field("unit", _("Currency"), "words"),
    ),
    "consent": (),
}
SHAPES: Final = (("point", _("a point")), ("line", _("a line")), ("area", _("an area")))
INSIDE: Final = (("territory", _("anywhere in the town")), ("target", _("in the target of the survey")))
ITEM_NUMBERS: Final = (
    ("cost_minimum", _("From")),
    ("cost_maximum", _("To")),
    ("step", _("In steps of")),
)


def fields_of(kind: str) -> tuple[Field, ...]:
    """Everything to fill in about a question of this kind."""
    return (*ALWAYS, *OF_KIND[kind], REQUIRED)
