"""Forms of online workshops; what is stored is `domain`'s to check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.forms import PlaceForm
from geoparticipation.meetings.enums import GroupColour, WorkshopAccess
from geoparticipation.meetings.models import Workshop
from geoparticipation.meetings.models.workshop import MOST_DOTS


class NoteForm(PlaceForm):
    """A note: what it says, where, and under which name; `code` is the note's own."""

    code = forms.UUIDField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Your note"), max_length=600, required=False)
    name = forms.CharField(label=_("Your name"), max_length=120, required=False)


class WorkshopForm(forms.Form):
    """What the workshop asks, and who takes part."""

    question = forms.CharField(
        label=_("question"),
        max_length=600,
        required=False,
        help_text=_("Stands above the map, as “Where do you miss shade?”."),
    )
    access = forms.ChoiceField(
        label=_("who takes part"),
        choices=WorkshopAccess.choices,
        help_text=_("Everybody who may see the meeting reads along."),
    )
    dots_each = forms.IntegerField(label=_("dots for each person"), min_value=1, max_value=MOST_DOTS)
    shows_target = forms.BooleanField(label=_("show the area of the consultation"), required=False)

    def __init__(self, data: Any = None, *, workshop: Workshop | None = None) -> None:
        """Start from what is set, or from what is usual."""
        known = workshop or Workshop()
        super().__init__(data, initial={name: getattr(known, name) for name in self.base_fields}, prefix="workshop")


class GroupForm(forms.Form):
    """A group of notes."""

    name = forms.CharField(label=_("name of the group"), max_length=180, required=False)
    colour = forms.ChoiceField(label=_("colour"), choices=GroupColour.choices)
