"""Forms of the workspace: a budget with its envelopes, projects, a ballot on paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from geoparticipation.budgets.domain.projects import DECISIONS
from geoparticipation.budgets.domain.save_budget import EnvelopeInput
from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.models import Budget, Project
from geoparticipation.contributions.domain.submit_contribution import BODY_LENGTH, TITLE_LENGTH
from geoparticipation.contributions.forms import PlaceForm
from layers.errors import Refusal
from layers.repeating import OnceForm
from neighbourhoods.models import District

ENVELOPES = 4
"""Empty rows for further envelopes."""


class BudgetForm(forms.ModelForm):
    """How people vote and how it is counted; the domain says what fits together."""

    class Meta:
        model = Budget
        fields = (
            "method", "min_projects", "max_projects", "max_points", "max_points_each", "one_per", "rule", "tie_rule",
            "tie_word", "open_to_outside",
        )  # fmt: skip
        help_texts = {
            "max_projects": _("0: as many as one likes."),
            "max_points": _("Only where people share out points."),
            "max_points_each": _("Only where people share out points. 0: no limit."),
            "tie_word": _("Only for lots; it is published before the vote. Left empty, one is drawn."),
        }


class EnvelopeForm(forms.Form):
    """One envelope; a row without an amount is none."""

    district = forms.ModelChoiceField(
        label=_("For"), queryset=District.objects.none(), required=False, empty_label=_("the whole town")
    )
    amount = forms.DecimalField(
        label=_("Amount"), required=False, max_digits=14, decimal_places=2, min_value=Decimal(0)
    )

    def __init__(self, *args: Any, districts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].queryset = districts


EnvelopeFormSet = forms.formset_factory(EnvelopeForm, extra=ENVELOPES)


def envelope_forms(data: Any, budget: Budget | None) -> Any:
    """The envelopes of a budget, and empty rows. Two queries."""
    districts = District.objects.current().select_related("release__level").defer("geometry").order_by("name")
    known = budget.envelopes.select_related("district").defer("district__geometry") if budget else []
    initial = [{"district": envelope.district, "amount": envelope.amount} for envelope in known]
    return EnvelopeFormSet(data, initial=initial, prefix="envelopes", form_kwargs={"districts": districts})


def envelopes_in(formset: Any) -> list[EnvelopeInput]:
    """What the rows say."""
    rows = [form.cleaned_data for form in formset if form.cleaned_data.get("amount")]
    return [EnvelopeInput(row["amount"], row["district"]) for row in rows]


class ProjectForm(forms.Form):
    """The decision on one idea."""

    state = forms.ChoiceField(
        label=_("Decision"), choices=[(state.value, state.label) for state in DECISIONS], widget=forms.RadioSelect
    )
    number = forms.CharField(
        label=_("Number on the ballot"), required=False, max_length=40, help_text=_("Left empty, it gets the next.")
    )
    cost = forms.DecimalField(label=_("Cost"), required=False, max_digits=14, decimal_places=2)
    upkeep = forms.DecimalField(label=_("Upkeep, each year"), required=False, max_digits=14, decimal_places=2)
    category = forms.CharField(label=_("Category"), required=False, max_length=120)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Everybody reads it. Needed where an idea is not kept."),
    )


def project_form(data: Any, project: Project | None) -> ProjectForm:
    """The form, with what was decided before."""
    if project is None:
        return ProjectForm(data, initial={"state": ProjectState.SHORTLISTED})
    names = ("state", "number", "cost", "upkeep", "category", "reason")
    return ProjectForm(data, initial={name: getattr(project, name) for name in names})


class TakeOffForm(forms.Form):
    """Why a project leaves the ballot."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody reads it. It cannot be put back once somebody has voted."),
    )


class NewProjectForm(OnceForm, PlaceForm):
    """A project that comes from the commune itself, with its place and its price."""

    title = forms.CharField(label=_("Name"), max_length=TITLE_LENGTH)
    body = forms.CharField(
        label=_("What it is"), required=False, max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 5})
    )
    cost = forms.DecimalField(label=_("Cost"), max_digits=14, decimal_places=2)
    upkeep = forms.DecimalField(label=_("Upkeep, each year"), required=False, max_digits=14, decimal_places=2)
    category = forms.CharField(label=_("Category"), required=False, max_length=120)
    number = forms.CharField(
        label=_("Number on the ballot"), required=False, max_length=40, help_text=_("Left empty, it gets the next.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why the commune puts it to the vote itself. Everybody reads it."),
    )


def tell(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put a refusal's sentence beside the field it is about, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)


class PaperBallotForm(forms.Form):
    """Whose paper it is; what is on it comes as on the page of the vote."""

    paper_number = forms.CharField(label=_("Number of the paper"), required=False, max_length=40)
    voter = forms.CharField(
        label=_("Who votes"),
        required=False,
        max_length=200,
        help_text=_(
            "The e-mail address of an account, a number of the voters’ list, or name and date of birth. Only a mark"
            " that nobody can read back is kept."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
