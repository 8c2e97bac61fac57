"""Forms of plans; what is stored is `domain`'s to check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.forms import PlaceForm
from geoparticipation.scenarios.domain.files import MEANINGS
from geoparticipation.scenarios.enums import ResultsShown, VariantColour
from geoparticipation.scenarios.models import Plan, PlanPlace, Variant, VariantFile
from layers.repeating import OnceForm

_LINES = {"rows": 4}
_FEW_LINES = {"rows": 3}


class PlanForm(forms.Form):
    """What a plan is about, and who reads its results when."""

    title = forms.CharField(label=_("title"), max_length=120)
    consultation = forms.ModelChoiceField(
        Consultation.objects.exclude(state=ConsultationState.ARCHIVED).order_by("title"),
        label=_("consultation"),
        help_text=_("Its phases “consultation”, “debate” and “vote” let people say what they prefer."),
    )
    text = forms.CharField(
        label=_("what it is about"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("In the language of the consultation, as all texts of the plan."),
    )
    results_shown = forms.ChoiceField(
        label=_("everybody sees the results"), choices=ResultsShown, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, plan: Plan | None = None) -> None:
        """Start from a plan, or from nothing."""
        names = ("title", "consultation", "text", "results_shown")
        initial = {name: getattr(plan, name) for name in names} if plan else {"results_shown": ResultsShown.AFTERWARDS}
        super().__init__(data, initial=initial)


class NewPlanForm(OnceForm, PlanForm):
    """A plan that is made; sent twice it is made once."""


class VariantForm(forms.Form):
    """A variant's words and colour."""

    name = forms.CharField(label=_("name"), max_length=80)
    text = forms.CharField(
        label=_("what it does"), max_length=2000, required=False, widget=forms.Textarea(attrs=_FEW_LINES)
    )
    colour = forms.ChoiceField(
        label=_("colour"), choices=[("", _("a free one")), *VariantColour.choices], required=False
    )

    def __init__(self, data: Any = None, *, variant: Variant | None = None) -> None:
        """Start from a variant, or from nothing."""
        names = ("name", "text", "colour")
        super().__init__(data, initial={name: getattr(variant, name) for name in names} if variant else {})


class FeatureForm(PlaceForm):
    """Something drawn that a variant would build."""

    label = forms.CharField(label=_("label"), max_length=120)
    kind = forms.CharField(label=_("kind"), max_length=40, required=False)
    cost = forms.CharField(label=_("cost"), max_length=20, required=False)


class FileForm(forms.Form):
    """A GIS file."""

    file = forms.FileField(
        label=_("GIS file"),
        help_text=_("GeoJSON, GeoPackage, FlatGeobuf, KML or a zipped Shapefile; 10 MB and 300 elements at the most."),
    )
    layer = forms.CharField(
        label=_("layer"), max_length=100, required=False, help_text=_("Where the file has several.")
    )


class ColumnsForm(forms.Form):
    """Which column of a file means what."""

    def __init__(self, data: Any = None, *, file: VariantFile) -> None:
        """Offer the columns of the file."""
        super().__init__(data, initial=file.chosen)
        labels = {"label": _("label"), "kind": _("kind"), "cost": _("cost"), "place_name": _("place")}
        for meaning in MEANINGS:
            self.fields[meaning] = forms.ChoiceField(
                label=labels[meaning],
                choices=[("", _("no column")), *((column, column) for column in file.columns)],
                required=False,
            )


class PlaceOfPlanForm(PlaceForm):
    """A place that is added: its name, and where it is."""

    name = forms.CharField(label=_("name"), max_length=80)
    text = forms.CharField(
        label=_("what it is about"), max_length=2000, required=False, widget=forms.Textarea(attrs=_FEW_LINES)
    )


class PlaceWordsForm(forms.Form):
    """The words of a place, and of what each variant does there."""

    name = forms.CharField(label=_("name"), max_length=80)
    text = forms.CharField(
        label=_("what it is about"), max_length=2000, required=False, widget=forms.Textarea(attrs=_FEW_LINES)
    )

    def __init__(self, data: Any = None, *, place: PlanPlace, variants: list[Variant]) -> None:
        """Have a field for each variant."""
        notes = {note.variant_id: note.text for note in place.notes.all()}
        initial = {"name": place.name, "text": place.text}
        super().__init__(data, initial=initial)
        self.variants = variants
        for variant in variants:
            self.fields[f"note_{variant.code}"] = forms.CharField(
                label=f"{variant.letter} – {variant.name}",
                max_length=500,
                required=False,
                initial=notes.get(variant.pk, ""),
            )

    def notes(self) -> dict[Variant, str]:
        """What was typed for each variant."""
        return {variant: self.cleaned_data[f"note_{variant.code}"] for variant in self.variants}

    def note_fields(self) -> list[Any]:
        """The fields of the variants."""
        return [self[f"note_{variant.code}"] for variant in self.variants]
