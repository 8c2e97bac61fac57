"""Forms of the results."""

from __future__ import annotations

from dataclasses import asdict

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.enums import Origin
from geoparticipation.surveys.results.tallies import Narrowing
from neighbourhoods.domain.targets.find_places import find_streets
from neighbourhoods.models import District

_DAY = {"type": "date"}


class ResultFilterForm(forms.Form):
    """Which responses an agent looks at. One query to make, and one to find a street."""

    district = forms.ChoiceField(label=_("District"), required=False)
    street = forms.CharField(label=_("Street"), required=False, max_length=200)
    first_day = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Up to"), required=False, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    origin = forms.ChoiceField(label=_("How it came in"), required=False, choices=[("", _("All")), *Origin.choices])

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.districts = {
            str(pk): name
            for pk, name in District.objects.current()
            .filter(children__isnull=True)
            .order_by("name")
            .values_list("pk", "name")
        }
        self.fields["district"].choices = [("", _("All")), *self.districts.items()]

    def clean_street(self) -> int | None:
        """The key of the street; closed ones have answers, too."""
        name = self.cleaned_data["street"].strip()
        if not name:
            return None
        found = find_streets([name], with_closed=True)[name]
        if not found:
            raise forms.ValidationError(_("There is no street called “%(name)s”."), params={"name": name})
        return found[0].id

    def narrowing(self) -> Narrowing:
        """What was understood of it."""
        self.is_valid()
        chosen = self.cleaned_data
        district = chosen.get("district")
        return Narrowing(
            district=int(district) if district else None,
            street=chosen.get("street"),
            first_day=chosen.get("first_day"),
            last_day=chosen.get("last_day"),
            origin=chosen.get("origin") or "",
        )

    def parameters(self) -> dict[str, str]:
        """What was understood, as the map layer takes it."""
        return {name: str(value) for name, value in asdict(self.narrowing()).items() if value}
