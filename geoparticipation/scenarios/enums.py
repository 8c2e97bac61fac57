"""Closed lists of plans."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanState(models.TextChoices):
    """Whether the public sees a plan."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("online")


class ResultsShown(models.TextChoices):
    """When everybody sees what people prefer."""

    AFTERWARDS = "after", _("once nobody can say any more what they prefer")
    ALWAYS = "always", _("from the beginning, in fives, once a day")


class VariantColour(models.TextChoices):
    """Colours that differ for most eyes, also on a dark map; a variant has its letter beside."""

    BLUE = "blue", _("blue")
    ORANGE = "orange", _("orange")
    GREEN = "green", _("green")
    PURPLE = "purple", _("purple")
    RED = "red", _("red")
    GREY = "grey", _("grey")


COLOURS: Final = {
    VariantColour.BLUE: "#2b7bba",
    VariantColour.ORANGE: "#c8690c",
    VariantColour.GREEN: "#2f8a4c",
    VariantColour.PURPLE: "#8a5bb5",
    VariantColour.RED: "#c2414b",
    VariantColour.GREY: "#76787b",
}
"""What each is on maps and in files: 3 : 1 and more against light and dark grounds (WCAG 2.2, 1.4.11)."""
