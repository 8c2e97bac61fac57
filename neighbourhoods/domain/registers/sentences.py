"""The importers' refusals in the words of a page: no option of a command, and what to press instead."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal
from neighbourhoods.domain.registers.choices import choices_of
from neighbourhoods.models import RegisterUpload


def in_the_wizards_words(refusal: Refusal, upload: RegisterUpload) -> str:
    """The refusal's sentence; where that speaks of a command's options, one that speaks of the page."""
    match refusal.code:
        case "encoding_unknown" | "file_encoding":
            return _("The letters of this file cannot be read. Say below how its text is written (its encoding).")
        case "file_crs_missing":
            return _(
                "The coordinates in this file are no longitudes and latitudes, and it does not say which reference "
                "system they are in. Choose it below."
            )
        case "column_missing" | "field_missing":
            return _("A column is missing, or is not the one that was chosen. Check the columns.")
        case "closes_too_much":
            return _(
                "This file would close more than half of the register “%(source)s”. Is it only a part of it, or "
                "another register? Say so under “The register”. If those rows are really gone, choose that there."
            ) % {"source": choices_of(upload).source}
        case _:
            return refusal.detail
