"""Forms by which agents follow up; what is stored is `domain`'s to check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.followup.enums import Decision, Progress, Verdict
from geoparticipation.followup.models import CollegeMeeting

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
_WEEKS = [(1, _("first")), (2, _("second")), (3, _("third")), (4, _("fourth"))]


class _Agents(forms.ModelChoiceField):
    def label_from_instance(self, person: Any) -> str:
        return str(person.name or person.email)


class CommitmentForm(forms.Form):
    """What the commune promises from a day on."""

    in_force_from = forms.DateField(label=_("in force from"), widget=_DAY)
    support_threshold = forms.IntegerField(label=_("supports from which an idea is studied"), min_value=1)
    study_days = forms.IntegerField(label=_("days for the study"), min_value=1, max_value=365)
    answer_days = forms.IntegerField(label=_("days until the answer"), min_value=1, max_value=365)
    college_week = forms.TypedChoiceField(label=_("the college meets on the"), choices=_WEEKS, coerce=int)
    college_weekday = forms.TypedChoiceField(
        label=_("day of the week"), choices=lambda: list(WEEKDAYS.items()), coerce=int
    )


class ChargeForm(forms.Form):
    """Who sees to a case."""

    in_charge = _Agents(
        User.objects.filter(role=Role.AGENT, is_active=True).order_by("name", "email"),
        label=_("person in charge"),
        required=False,
        empty_label=_("every agent"),
    )


class StudyForm(forms.Form):
    """What the study found."""

    department = forms.CharField(label=_("department"), max_length=120)
    verdict = forms.ChoiceField(label=_("verdict"), choices=Verdict, widget=forms.RadioSelect)
    cost = forms.DecimalField(
        label=_("cost in euros"), min_value=0, max_digits=12, decimal_places=2, required=False, localize=True
    )
    text = forms.CharField(
        label=_("what was found"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Everybody reads it beside the idea."),
    )


class AnswerForm(forms.Form):
    """The official answer."""

    decision = forms.ChoiceField(label=_("decision"), choices=Decision, widget=forms.RadioSelect)
    text = forms.CharField(label=_("answer"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    signed_by = forms.CharField(label=_("signed by"), max_length=120, help_text=_("Name and office."))
    meeting = forms.ModelChoiceField(
        CollegeMeeting.objects.none(), label=_("college meeting"), required=False, empty_label=_("without a meeting")
    )

    def __init__(self, *args: Any, today: Any, **kwargs: Any) -> None:
        """Offer the meetings held up to `today`, the latest first."""
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = CollegeMeeting.objects.filter(held_on__lte=today).order_by("-held_on")


class ProgressForm(forms.Form):
    """How far an accepted idea is."""

    progress = forms.ChoiceField(label=_("progress"), choices=Progress, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("in words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    spent = forms.DecimalField(
        label=_("spent in euros"), min_value=0, max_digits=12, decimal_places=2, required=False, localize=True
    )
    done_on = forms.DateField(label=_("done on"), required=False, widget=_DAY)
