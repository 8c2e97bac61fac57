"""Forms by which agents follow up; what is stored is `domain`'s to check."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.contributions.forms import PlaceForm
from geoparticipation.followup.enums import Decision, Progress, Verdict
from geoparticipation.followup.models import CollegeMeeting, Measure
from geoparticipation.followup.queries import districts_of_measures

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
_WEEKS = [(1, _("first")), (2, _("second")), (3, _("third")), (4, _("fourth"))]


class _Agents(forms.ModelChoiceField):
    def label_from_instance(self, person: Any) -> str:
        return str(person.name or person.email)


class EurosField(forms.DecimalField):
    """An amount as people write it: 18 400,50 or 18,400.50, with or without the sign."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_digits=12, decimal_places=2, required=False, localize=True, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Read it without the signs that only make it easier to read."""
        if isinstance(value, str):
            value = re.sub(r"[\s€]", "", value)
            if get_format("DECIMAL_SEPARATOR") == ".":
                value = value.replace(",", "")
        return super().to_python(value)


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
    cost = EurosField(label=_("cost in euros"))
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

    def __init__(self, *args: Any, since: date, today: date, **kwargs: Any) -> None:
        """Offer the meetings held from `since`, the day of the case, up to `today`, the latest first."""
        super().__init__(*args, **kwargs)
        held = CollegeMeeting.objects.filter(held_on__gte=since, held_on__lte=today)
        self.fields["meeting"].queryset = held.order_by("-held_on")


class ProgressForm(PlaceForm):
    """How far an accepted idea is, and where it is built."""

    progress = forms.ChoiceField(label=_("progress"), choices=Progress, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("in words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    spent = EurosField(label=_("spent in euros"))
    done_on = forms.DateField(label=_("done on"), required=False, widget=_DAY)
    where_the_idea_is = forms.BooleanField(label=_("it is where the idea is, not elsewhere"), required=False)

    SAID = ("progress", "text", "spent", "done_on")


class MeasureFilterForm(forms.Form):
    """Which measures are listed. One query to make."""

    progress = forms.ChoiceField(label=_("progress"), required=False)
    district = forms.ChoiceField(label=_("district"), required=False)

    def __init__(self, data: Any) -> None:
        """Offer the districts in which there are measures."""
        super().__init__(data, auto_id="filter-%s")
        self.fields["progress"].choices = [("", _("all that goes on or is done")), *Progress.choices]
        self.fields["district"].choices = [("", _("the whole town")), *districts_of_measures()]

    def narrowed(self, measures: QuerySet[Measure]) -> QuerySet[Measure]:
        """The measures that were asked for; what is given up only where that was. Nonsense narrows nothing."""
        self.is_valid()
        progress, district = self.cleaned_data.get("progress"), self.cleaned_data.get("district")
        measures = measures.filter(progress=progress) if progress else measures.exclude(progress=Progress.GIVEN_UP)
        return measures.filter(contribution__district=int(district)) if district else measures
