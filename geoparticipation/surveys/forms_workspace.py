"""Forms by which agents set up a survey; what it asks is changed by `editing`."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.surveys.enums import OnePer, ResultsShown
from geoparticipation.surveys.models import Survey
from neighbourhoods.models import Target

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


def _consultations() -> Any:
    return (
        Consultation.objects.exclude(state=ConsultationState.ARCHIVED).defer("description", "charter").order_by("title")
    )


class LanguagesField(forms.CharField):
    """Language codes with commas between them; the first is the one every text falls back on."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """The codes, each once; anything else is an error in words."""
        codes = [code.strip().lower() for code in re.split(r"[,;\s]+", value or "") if code.strip()]
        if not codes or len(codes) > 10 or not all(_LANGUAGE.fullmatch(code) for code in codes):
            raise forms.ValidationError(_("Write one to ten language codes, as in “fr, en”."))
        return list(dict.fromkeys(codes))

    def prepare_value(self, value: Any) -> Any:
        """As one types it."""
        return ", ".join(value) if isinstance(value, list) else value


class NewSurveyForm(forms.Form):
    """Where a survey begins: with nothing, or with a file."""

    consultation = forms.ModelChoiceField(None, label=gettext_lazy("Consultation"))
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As people will see it. From a file: empty keeps its title."),
    )
    languages = LanguagesField(
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("Codes with commas, the main one first: “fr, en”. A file brings its own."),
    )
    file = forms.FileField(
        label=gettext_lazy("From a file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.xlsx,.xlsm"}),
        help_text=gettext_lazy(
            "A survey exported here (.json), or an XLSForm (.xlsx) made for KoboToolbox, ODK or Survey123."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every consultation that is not archived."""
        super().__init__(*args, **kwargs)
        self.fields["consultation"].queryset = _consultations()
        self.fields["consultation"].empty_label = _("choose one")
        self.fields["languages"].initial = [code for code, _name in settings.LANGUAGES]

    def clean(self) -> dict[str, Any]:
        """Without a file there is a title."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("file") and not cleaned.get("title", "").strip() and "file" not in self.errors:
            self.add_error("title", _("Give it a title, or a file to begin with."))
        return cleaned


class SurveySettingsForm(forms.Form):
    """Everything about a survey but what it asks."""

    consultation = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Consultation"),
        help_text=gettext_lazy(
            "Its phases say when people may answer; its charter and its identity level hold here, too."
        ),
    )
    target = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Target"),
        required=False,
        help_text=gettext_lazy("From where people answer. Empty: as the consultation says."),
    )
    one_per = forms.ChoiceField(label=gettext_lazy("Who answers once"), choices=OnePer, widget=forms.RadioSelect)
    results_shown = forms.ChoiceField(
        label=gettext_lazy("When everybody sees the results"), choices=ResultsShown, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        """Begin with what is kept; what responses rely on cannot be changed any more."""
        kwargs.setdefault(
            "initial",
            {
                "consultation": survey.consultation_id,
                "target": survey.target_id,
                "one_per": survey.one_per,
                "results_shown": survey.results_shown,
            },
        )
        super().__init__(*args, **kwargs)
        self.fields["consultation"].queryset = _consultations() | Consultation.objects.filter(
            pk=survey.consultation_id
        ).defer("description", "charter")
        self.fields["consultation"].empty_label = None
        target = self.fields["target"]
        target.queryset = Target.objects.defer("geometry").order_by("name", "pk")
        target.empty_label = _("as the consultation says")


class LanguagesForm(forms.Form):
    """In which languages a survey is."""

    languages = LanguagesField(
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("Codes with commas, the main one first. Words in a language you take out are lost."),
    )
