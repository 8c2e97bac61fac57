"""Forms of the pages. They only read what was typed: every rule is checked by `domain`, once."""

from __future__ import annotations

import json

from django import forms
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.domain.submit_contribution import BODY_LENGTH, TITLE_LENGTH, TYPED_ADDRESS_LENGTH
from layers.repeating import OnceForm


class PlaceForm(forms.Form):
    """Where: a geometry from the map, or a street, address or district by its name, chosen or typed."""

    place_text = forms.CharField(
        label=_("Address, street or district"), required=False, max_length=TYPED_ADDRESS_LENGTH
    )
    place = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    geometry = forms.CharField(required=False, max_length=200_000, widget=forms.HiddenInput)

    def clean_geometry(self) -> object:
        """The GeoJSON, read; None when the map was not used."""
        text = self.cleaned_data["geometry"].strip()
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            return text  # not JSON: refused as a geometry, with the sentence for that


class ContributeForm(OnceForm, PlaceForm):
    """An idea: where, what, and what one agrees to."""

    title = forms.CharField(label=_("Your idea in a few words"), max_length=TITLE_LENGTH * 3, required=False)
    body = forms.CharField(
        label=_("Tell us more"), max_length=BODY_LENGTH * 3, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    accept_charter = forms.BooleanField(label=_("I have read the charter and will keep to it."), required=False)


class CommentForm(OnceForm, PlaceForm):
    """A comment, with a place of its own where one is given; else it is where the idea is."""

    body = forms.CharField(
        label=_("Your comment"), max_length=BODY_LENGTH * 3, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    accept_charter = forms.BooleanField(label=_("I have read the charter and will keep to it."), required=False)
