"""Forms of the pages. They only read what was typed: every rule is checked by `domain`, once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.domain.submit_contribution import BODY_LENGTH, TITLE_LENGTH
from geoparticipation.contributions.enums import Kind, PublicPlace
from geoparticipation.contributions.forms import PlaceForm
from geoparticipation.contributions.list_filters import ContributionFilterForm
from geoparticipation.volunteering.domain.details import When
from geoparticipation.volunteering.domain.times import SLOTS, slot_in_words
from geoparticipation.volunteering.enums import Level
from geoparticipation.volunteering.models import Association, Mission, Skill, VolunteerOffer
from layers.repeating import OnceForm

REACHES_M = (300, 500, 1000, 2000, 5000, 10_000, 20_000)


def _slots() -> list[tuple[str, str]]:
    return [(str(number), slot_in_words(number)) for number in range(SLOTS)]


class _WhenForm(forms.Form):
    """Times of the week, and between which days."""

    times = forms.MultipleChoiceField(label=_("When"), required=False, choices=_slots)
    first = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    skills = forms.ModelMultipleChoiceField(
        label=_("What"), required=False, queryset=Skill.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    level = forms.TypedChoiceField(
        label=_("Experience"), coerce=int, choices=Level.choices, initial=Level.LEARNING, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the skills that agents offer, in the reader's language; one query."""
        super().__init__(*args, **kwargs)
        self.fields["skills"].queryset = Skill.objects.filter(is_offered=True)

    @property
    def when(self) -> When:
        """What was ticked and typed, once the form is valid."""
        chosen = self.cleaned_data
        return When([int(number) for number in chosen["times"]], chosen["first"], chosen["last"])


class OfferDetailsForm(_WhenForm):
    """When, what, how far and how well."""

    reach_m = forms.TypedChoiceField(
        label=_("How far would you go?"),
        coerce=int,
        initial=1000,
        choices=lambda: [(metres, f"{metres} m" if metres < 1000 else f"{metres // 1000} km") for metres in REACHES_M],
    )
    on_foot = forms.TypedChoiceField(
        label=_("Measured"),
        coerce=lambda text: text == "True",
        initial=True,
        choices=[(True, _("on foot, along the streets")), (False, _("as the crow flies"))],
        widget=forms.RadioSelect,
    )

    @classmethod
    def of(cls, offer: VolunteerOffer) -> OfferDetailsForm:
        """Show what an offer says now."""
        return cls(
            initial={
                "times": [str(number) for number in range(SLOTS) if offer.times >> number & 1],
                "first": offer.available_from,
                "last": offer.available_until,
                "skills": [skill.pk for skill in offer.skills.all()],
                "level": offer.level,
                "reach_m": offer.reach_m,
                "on_foot": offer.on_foot,
            }
        )


class _WordsForm(OnceForm, PlaceForm):
    """Title, text, place and charter, as of an idea."""

    title = forms.CharField(label=_("In a few words"), max_length=TITLE_LENGTH * 3, required=False)
    body = forms.CharField(
        label=_("Tell us more"), max_length=BODY_LENGTH * 3, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    accept_charter = forms.BooleanField(label=_("I have read the charter and will keep to it."), required=False)


class OfferForm(_WordsForm, OfferDetailsForm):
    """A whole offer of help."""


class MissionForm(_WordsForm, _WhenForm):
    """A whole mission."""

    association = forms.ModelChoiceField(
        label=_("Association"), queryset=Association.objects.none(), empty_label=None, to_field_name="slug"
    )
    people_wanted = forms.IntegerField(label=_("How many people?"), initial=1, min_value=1, max_value=500)
    public_place = forms.ChoiceField(
        label=_("What everybody sees of the place"),
        choices=PublicPlace.choices,
        initial=PublicPlace.EXACT,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, associations: Any, **kwargs: Any) -> None:
        """Offer the associations for which this person may ask for help."""
        super().__init__(*args, **kwargs)
        self.fields["association"].queryset = associations


class AssociationForm(PlaceForm):
    """An association's page."""

    name = forms.CharField(label=_("Name of the association"), max_length=120)
    summary = forms.CharField(label=_("What it does, in a sentence"), max_length=300)
    description = forms.CharField(
        label=_("More about it"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 5})
    )
    website = forms.CharField(label=_("Website"), required=False, max_length=200)
    contact_email = forms.CharField(label=_("E-mail address, for everybody to see"), required=False, max_length=200)
    contact_phone = forms.CharField(label=_("Telephone, for everybody to see"), required=False, max_length=40)


class AskForm(OnceForm):
    """First words to the other side; an association also says about which of its missions."""

    message = forms.CharField(
        label=_("Your message"), required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 4})
    )
    mission = forms.ModelChoiceField(
        label=_("Mission"), required=False, queryset=Mission.objects.all(), to_field_name="contribution__code"
    )


class AgreementForm(OnceForm):
    """A message, a decision, or what came of it."""

    message = forms.CharField(
        label=_("Your message"), required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 3})
    )
    hours = forms.DecimalField(label=_("Hours"), required=False, max_digits=6, decimal_places=2)
    thanks = forms.CharField(
        label=_("A word of thanks"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ExchangeFilterForm(ContributionFilterForm):
    """The filters of contributions, and skill and time."""

    skill = forms.ChoiceField(label=_("What"), required=False)
    time = forms.ChoiceField(label=_("When"), required=False)

    def __init__(self, data: Any) -> None:
        """Two queries: districts and skills."""
        super().__init__(data, hidden=["consultation"])
        kinds = [(kind.value, kind.label) for kind in (Kind.OFFER, Kind.MISSION)]
        self.fields["kind"].choices = [("", _("All")), *kinds]
        self.fields["skill"].choices = [("", _("All")), *((skill.slug, str(skill)) for skill in Skill.objects.all())]
        self.fields["time"].choices = [("", _("All")), *_slots()]
