"""The filters of the pages: the same names in the page's address as in the API's, and the same meaning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.rules import FEATURE_OF_KIND
from geoparticipation.councils.models import Council
from neighbourhoods.models import District


class ContributionFilterForm(forms.Form):
    """What narrows the list and the map alike. Two queries to make: consultations and districts; one for a council."""

    q = forms.CharField(label=_("Words in the text"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    consultation = forms.ChoiceField(label=pgettext_lazy("filter", "Consultation"), required=False)
    district = forms.ChoiceField(label=_("District"), required=False)
    street = forms.CharField(label=_("Street"), required=False, max_length=200)
    council = forms.SlugField(label=_("Neighbourhood council"), required=False, max_length=80, widget=forms.HiddenInput)
    submitted_after = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    submitted_before = forms.DateField(
        label=_("Up to"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: QueryDict, *, hidden: Iterable[str] = ()) -> None:
        """`hidden` names fields that the page itself decides (the consultation on its own results page)."""
        super().__init__(data, auto_id="filter-%s")
        for name in hidden:
            del self.fields[name]
        everything = [("", _("All"))]
        self.fields["kind"].choices = everything + [(kind, Kind(kind).label) for kind in FEATURE_OF_KIND]
        if "consultation" in self.fields:
            shown = Consultation.objects.exclude(state=ConsultationState.DRAFT)
            self.fields["consultation"].choices = everything + list(shown.values_list("slug", "title"))
        self.fields["district"].choices = everything + _districts()

    def clean_council(self) -> str:
        """A council that there is; its name is what the chip says."""
        slug = self.cleaned_data["council"]
        if slug:
            name = Council.objects.active().filter(slug=slug).values_list("name", flat=True).first()
            if name is None:
                raise forms.ValidationError(_("There is no such council."))
            self.council_name = name
        return str(slug)

    def in_use(self) -> list[tuple[str, str, str]]:
        """Name, label and value in words of each filter that is set and understood, for the chips above the list."""
        self.is_valid()
        used = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in (None, ""):
                continue
            words = dict(field.choices).get(value, value) if isinstance(field, forms.ChoiceField) else value
            if name == "council":
                words = self.council_name
            used.append((name, str(field.label), words))
        return used

    def parameters(self) -> QueryDict:
        """The filters that are set and understood, as the API and the tiles take them.

        People mean the day they write to be included; `submitted_before` does not include its moment.
        """
        self.is_valid()
        chosen = QueryDict(mutable=True)
        for name in self.fields:
            value = self.cleaned_data.get(name)
            if name == "submitted_before" and value:
                value += timedelta(days=1)
            if value not in (None, ""):
                chosen[name] = value.isoformat() if isinstance(value, date) else str(value)
        return chosen


def _districts() -> list[tuple[str, str]]:
    """Current districts by level, the smaller ones set in."""
    rows = list(
        District.objects.current()
        .order_by("release__level__rank", "name")
        .values_list("code", "name", "release__level__rank")
    )
    least = min((rank for _code, _name, rank in rows), default=0)
    return [(code, "\u2003" * min(rank - least, 3) + name) for code, name, rank in rows]
