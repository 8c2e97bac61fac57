"""The forms of a mailing's flyers: what they look like, and how they are printed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.domain.flyers.pages import PrintOptions
from geoparticipation.mailings.enums import FlyerOrder, FlyerTemplate
from geoparticipation.mailings.models import FlyerDesign, Mailing
from geoparticipation.mailings.models.flyer import TEXT_LENGTH, TITLE_LENGTH
from layers.pictures.reading import MEDIA_TYPES

PICTURES = ("picture", "logo")
_TEXTS = ("template", "title", "text", "second_language", "second_title", "second_text", "colour")
_FLAGS = ("with_map", "with_reply", "addressed")
SINGLE, BLEED, ON_A4 = "single", "bleed", "a4"


def _file(label: Any, hint: Any) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": ",".join(MEDIA_TYPES), "class": "file-input"})
    return forms.FileField(label=label, help_text=hint, required=False, widget=widget)


class FlyerDesignForm(forms.Form):
    """Template, words, pictures and colour of a flyer; empty words are the consultation's own."""

    template = forms.ChoiceField(label=_("template"), choices=FlyerTemplate, widget=forms.RadioSelect)
    title = forms.CharField(label=_("title"), max_length=TITLE_LENGTH, required=False)
    text = forms.CharField(
        label=_("text"), max_length=TEXT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    second_language = forms.ChoiceField(label=_("second language"), required=False)
    second_title = forms.CharField(label=_("title in the second language"), max_length=TITLE_LENGTH, required=False)
    second_text = forms.CharField(
        label=_("text in the second language"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    colour = forms.CharField(
        label=_("colour"), max_length=7, required=False, widget=forms.TextInput(attrs={"type": "color"})
    )
    picture = _file(_("picture"), _("Over the whole width. JPEG, PNG, WebP or HEIC; shown in the preview once saved."))
    without_picture = forms.BooleanField(label=_("Take the picture off"), required=False)
    logo = _file(_("logo of the town"), _("In the upper corner, on white."))
    without_logo = forms.BooleanField(label=_("Take the logo off"), required=False)
    with_map = forms.BooleanField(label=_("map of the target"), required=False)
    with_reply = forms.BooleanField(
        label=_("with a form to answer on paper"),
        help_text=_("To be cut off below and brought back; the code is printed on it."),
        required=False,
    )
    addressed = forms.BooleanField(
        label=_("with the address of each letterbox"),
        help_text=_("Only on A4: it shows in the window of an envelope."),
        required=False,
    )

    def __init__(self, data: QueryDict | None, files: Any, *, design: FlyerDesign) -> None:
        mailing: Mailing = design.mailing
        shown = {name: getattr(design, name) for name in (*_TEXTS, *_FLAGS)}
        shown["colour"] = shown["colour"] or settings.TOWN_COLOUR
        super().__init__(data, files, initial=shown)
        first = mailing.consultation.language
        others = [(code, name) for code, name in settings.LANGUAGES if code != first]
        self.fields["second_language"].choices = [("", _("none")), *others]  # type: ignore[attr-defined]
        self.fields["title"].widget.attrs["placeholder"] = mailing.consultation.title
        self.fields["text"].widget.attrs["placeholder"] = mailing.consultation.summary

    def wanted(self) -> dict[str, Any]:
        """Arguments of `make_flyer_design`, but for the pictures; the town's colour is no colour of its own."""
        chosen = {name: self.cleaned_data[name] for name in (*_TEXTS, *_FLAGS)}
        if chosen["colour"].lower() == settings.TOWN_COLOUR.lower():
            chosen["colour"] = ""
        return chosen

    def without(self) -> frozenset[str]:
        """The pictures that go."""
        return frozenset(part for part in PICTURES if self.cleaned_data[f"without_{part}"])


class FlyerPrintForm(forms.Form):
    """On which paper, and in which order."""

    paper = forms.ChoiceField(
        label=_("Paper"),
        choices=[
            (SINGLE, _("one on each page")),
            (BLEED, _("with bleed and crop marks, for a printing house")),
            (ON_A4, _("several on each sheet of A4, for your own printer")),
        ],
        initial=SINGLE,
        widget=forms.RadioSelect,
    )
    order = forms.ChoiceField(label=_("Order"), choices=FlyerOrder, initial=FlyerOrder.LIST, widget=forms.RadioSelect)
    covers = forms.BooleanField(label=_("with a cover sheet for each round"), required=False)

    def options(self) -> PrintOptions:
        """How to print; what was not said, or is none of the choices, is the first of them."""
        self.is_valid()
        paper = self.cleaned_data.get("paper")
        order = self.cleaned_data.get("order") or FlyerOrder.LIST
        return PrintOptions(
            bleed=paper == BLEED,
            on_a4=paper == ON_A4,
            order=order,
            with_covers=order == FlyerOrder.WALK and bool(self.cleaned_data.get("covers")),
        )
