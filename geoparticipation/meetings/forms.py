"""Forms of meetings; what is stored is `domain`'s to check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.forms_workspace import DateTimeInput
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.rules import may_manage
from geoparticipation.contributions.forms import PlaceForm
from geoparticipation.councils.models import Council
from geoparticipation.councils.rules import councils_of
from geoparticipation.meetings.models import Meeting
from layers.repeating import OnceForm

DECISION_ROWS = 3


class MeetingForm(PlaceForm):
    """Everything about a meeting but who comes and what was decided."""

    title = forms.CharField(label=_("title"), max_length=120)
    starts_at = forms.DateTimeField(label=_("begins"), widget=DateTimeInput)
    ends_at = forms.DateTimeField(label=_("ends"), widget=DateTimeInput)
    place_name = forms.CharField(
        label=_("name of the place"), max_length=200, required=False, help_text=_("The hall and its floor, say.")
    )
    link = forms.URLField(
        label=_("link"), required=False, assume_scheme="https", help_text=_("For those who take part from home.")
    )
    text = forms.CharField(
        label=_("what it is about"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    programme = forms.CharField(
        label=_("programme"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One line for each part, with its time."),
    )
    consultation = forms.ModelChoiceField(
        Consultation.objects.order_by("title"),
        label=_("consultation"),
        required=False,
        empty_label=_("of no consultation"),
    )
    council = forms.ModelChoiceField(
        Council.objects.order_by("name", "pk"),
        label=_("neighbourhood council"),
        required=False,
        empty_label=_("of the town hall"),
    )
    registers = forms.BooleanField(label=_("people register"), required=False)
    capacity = forms.IntegerField(
        label=_("places"), min_value=1, max_value=100_000, required=False, help_text=_("Empty: everybody has a place.")
    )

    DETAILS = ("title", "starts_at", "ends_at", "place_name", "link", "text", "programme", "consultation", "council")

    def __init__(self, data: Any = None, *, user: User, meeting: Meeting | None = None, council: str = "") -> None:
        """Start from a meeting, or from nothing for a council (its address). A councillor has a council to choose.

        What the meeting has can stay, though nobody may choose it anew: a consultation that is archived or of others, a
        council that is closed.
        """
        names = (*self.DETAILS, "registers", "capacity")
        initial = {name: getattr(meeting, name) for name in names} if meeting else {}
        own = None if may_manage(user) else councils_of(user).order_by("name", "pk")
        chosen = (Council.objects.active() if own is None else own).filter(slug=council).first() if council else None
        super().__init__(data, initial={**initial, **({"council": chosen} if chosen else {})})
        councils, consultations = self.fields["council"], self.fields["consultation"]
        open_now = ~Q(state=ConsultationState.ARCHIVED)
        if own is None:
            councils.queryset = councils.queryset.filter(Q(is_active=True) | Q(pk=getattr(meeting, "council_id", None)))
        else:
            councils.queryset, councils.required, councils.empty_label = own, True, None
            open_now &= Q(started_by_council__council__in=own.order_by())
        kept = Q(pk=getattr(meeting, "consultation_id", None))
        consultations.queryset = consultations.queryset.filter(open_now | kept)


class NewMeetingForm(OnceForm, MeetingForm):
    """A meeting that is made; sent twice it is made once."""


class MinutesForm(forms.Form):
    """What was said, and what was decided, each decision with the address of the idea that it is about."""

    minutes = forms.CharField(
        label=_("minutes"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 10})
    )

    def __init__(self, data: Any = None, *, meeting: Meeting) -> None:
        """Have a row for each decision there is, and some more."""
        super().__init__(data, initial={"minutes": meeting.minutes})
        kept = list(meeting.decisions.all())
        for number in range(len(kept) + DECISION_ROWS):
            decision = kept[number] if number < len(kept) else None
            idea = decision.contribution if decision else None
            self.fields[f"decision_{number}"] = forms.CharField(
                label=_("decision"), max_length=500, required=False, initial=decision.text if decision else ""
            )
            self.fields[f"idea_{number}"] = forms.CharField(
                label=_("address of the idea"),
                max_length=300,
                required=False,
                initial=str(idea.code) if idea else "",
                help_text=_("The address of its page, or its code."),
            )

    def rows(self) -> list[tuple[Any, Any]]:
        """The fields of each decision: its text and its idea."""
        count = sum(name.startswith("decision_") for name in self.fields)
        return [(self[f"decision_{number}"], self[f"idea_{number}"]) for number in range(count)]
