"""Forms by which agents set up a consultation."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

from django import forms
from django.utils import formats, timezone
from django.utils.html import linebreaks
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.consultations.domain.save_phases import PhaseInput
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.consultations.processes import PROCESS_TEMPLATES
from neighbourhoods.models import Target

FAR_AWAY = datetime(9999, 1, 1, tzinfo=timezone.get_default_timezone())
OPEN_ROWS = 2


_TAG = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
_PARAGRAPH_TAG = re.compile(r"</?(?:p|br)\s*/?>", re.IGNORECASE)


def _as_written(description: str) -> str:
    """Give back plain text where the HTML has nothing but paragraphs and line breaks."""
    if _TAG.search(_PARAGRAPH_TAG.sub("", description)):
        return description
    text = re.sub(r"</p>\s*<p>", "\n\n", description.replace("\n", ""), flags=re.IGNORECASE)
    text = re.sub(r"<br\s*/?>", "\n", text, flags=re.IGNORECASE)
    return unescape(_PARAGRAPH_TAG.sub("", text))


def _as_html(text: str) -> str:
    """Make paragraphs of what has no HTML in it."""
    return text if _TAG.search(text) else linebreaks(text, autoescape=True) if text else ""


class DateTimeInput(forms.DateTimeInput):
    """The browser's own field for a date and a time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Write the value as HTML wants it, whatever the language."""
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class ConsultationForm(forms.ModelForm):
    """Everything about a consultation but its phases. Saving is `domain`'s: the form only checks."""

    video_url = forms.URLField(
        label=gettext_lazy("Link to a video"),
        help_text=gettext_lazy("Shown as a link: no video is loaded from another site."),
        max_length=200,
        required=False,
        assume_scheme="https",
    )

    class Meta:
        model = Consultation
        fields = [
            "title",
            "summary",
            "description",
            "language",
            "target",
            "inside_target_only",
            "identity_level",
            "voices_per",
            "moderation",
            "place_privacy",
            "max_area_m2",
            "political_lead",
            "operational_lead",
            "help_place",
            "help_phone",
            "help_hours",
            "video_url",
            "charter",
        ]
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 2}),
            "description": forms.Textarea(attrs={"rows": 8}),
            "charter": forms.Textarea(attrs={"rows": 5}),
            "identity_level": forms.RadioSelect,
            "voices_per": forms.RadioSelect,
            "moderation": forms.RadioSelect,
            "place_privacy": forms.RadioSelect,
            "help_phone": forms.TextInput(attrs={"type": "tel"}),
        }
        help_texts = {
            "title": gettext_lazy("As people will see it: short, and naming the place."),
            "summary": gettext_lazy("One or two sentences for the card on the first page."),
            "description": gettext_lazy("What is asked, what is already decided, and what you will do with the ideas."),
            "target": gettext_lazy("Whom it is for. Empty: the whole town."),
            "inside_target_only": gettext_lazy("A place outside is then refused, with an explanation."),
            "max_area_m2": gettext_lazy("Larger drawn areas are refused. 10,000 m² are one hectare."),
            "place_privacy": gettext_lazy("“Street only” when a place tells where somebody lives."),
            "voices_per": gettext_lazy(
                "Every flyer carries a code. This holds for the mailings made from now on; earlier ones keep theirs."
            ),
            "charter": gettext_lazy("Rules that people accept before they send. Empty: none to accept."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every target, by name."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["description"] = _as_written(self.instance.description)
        target = self.fields["target"]
        target.queryset = Target.objects.defer("geometry").order_by("name", "pk")
        target.empty_label = _("the whole town")

    def clean_description(self) -> str:
        """Make paragraphs of plain text; HTML stays HTML (`domain` cleans it)."""
        return _as_html(self.cleaned_data["description"])

    def clean(self) -> dict[str, Any]:
        """A rule about the target needs a target."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("inside_target_only") and not cleaned.get("target") and "target" not in self.errors:
            self.add_error("target", _("Choose the target that places must lie in, or untick the rule below."))
        return cleaned


class ProcessForm(forms.Form):
    """Which usual sequence of steps a new consultation starts with, and when."""

    process = forms.ChoiceField(
        label=gettext_lazy("Steps"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("The steps people can expect. You can change them and their dates afterwards."),
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every process template; the first one is ticked."""
        super().__init__(*args, **kwargs)
        choices = [(template.key, template.name) for template in PROCESS_TEMPLATES.values()]
        self.fields["process"].choices = choices
        self.fields["process"].initial = choices[0][0]
        self.fields["starts_on"].initial = timezone.localdate


class PhaseForm(forms.ModelForm):
    """One dated step. Times are those of the commune."""

    class Meta:
        model = Phase
        fields = ["kind", "title", "starts_at", "ends_at", "description", "outcome"]
        widgets = {
            "starts_at": DateTimeInput,
            "ends_at": DateTimeInput,
            "description": forms.Textarea(attrs={"rows": 2}),
            "outcome": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {
            "outcome": gettext_lazy("The synthesis, the decision… Everybody reads it on the page from now on."),
            "title": gettext_lazy("Empty: the name of the kind."),
            "ends_at": gettext_lazy("Empty: open end."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show plain text where the stored HTML is no more than that."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["outcome"] = _as_written(self.instance.outcome)

    def clean_outcome(self) -> str:
        """Make paragraphs of plain text; HTML stays HTML (`domain` cleans it)."""
        return _as_html(self.cleaned_data["outcome"])

    def clean(self) -> dict[str, Any]:
        """The end comes after the start."""
        cleaned = super().clean() or self.cleaned_data
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("This step ends before it starts."))
        return cleaned

    def in_words(self) -> str:
        """The step and its dates, to name it in a message."""
        kind = dict(self.fields["kind"].choices).get(self.cleaned_data["kind"], "")
        name = self.cleaned_data.get("title") or str(kind)
        day = formats.date_format(timezone.localtime(self.cleaned_data["starts_at"]), "SHORT_DATE_FORMAT")
        ends_at = self.cleaned_data.get("ends_at")
        if not ends_at:
            return _("“%(name)s” (from %(first)s on)") % {"name": name, "first": day}
        last = formats.date_format(timezone.localtime(ends_at), "SHORT_DATE_FORMAT")
        return _("“%(name)s” (%(first)s – %(last)s)") % {"name": name, "first": day, "last": last}


class BasePhaseFormSet(forms.BaseModelFormSet):
    """The steps of one consultation. Steps of different kinds may overlap, those of one kind never."""

    @property
    def kept_forms(self) -> list[PhaseForm]:
        """Rows that are filled in and not ticked for removal."""
        return [
            form
            for form in self.forms
            if (form.has_changed() or form.instance.pk)
            and not self._should_delete_form(form)
            and getattr(form, "cleaned_data", None)
        ]

    @property
    def inputs(self) -> list[PhaseInput]:
        """The steps as the domain takes them, once the formset is valid."""
        return [
            PhaseInput(
                kind=form.cleaned_data["kind"],
                title=form.cleaned_data.get("title", ""),
                description=form.cleaned_data.get("description", ""),
                outcome=form.cleaned_data.get("outcome", ""),
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data.get("ends_at"),
                pk=form.instance.pk,
            )
            for form in self.kept_forms
        ]

    def clean(self) -> None:
        """Name both steps of every overlap, on the row of the one that starts later."""
        rows = [form for form in self.kept_forms if not form.errors]
        rows.sort(key=lambda form: form.cleaned_data["starts_at"])
        for index, later in enumerate(rows):
            for earlier in rows[:index]:
                if earlier.cleaned_data["kind"] != later.cleaned_data["kind"]:
                    continue
                if later.cleaned_data["starts_at"] < (earlier.cleaned_data.get("ends_at") or FAR_AWAY):
                    later.add_error(
                        "starts_at",
                        _("%(this)s overlaps %(other)s. Two steps of one kind follow one another: move one of them.")
                        % {"this": later.in_words(), "other": earlier.in_words()},
                    )


PhaseFormSet = forms.modelformset_factory(
    Phase, form=PhaseForm, formset=BasePhaseFormSet, extra=OPEN_ROWS, can_delete=True, max_num=20, validate_max=True
)
