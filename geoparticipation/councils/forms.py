"""Forms of councils; what is stored is `domain`'s to check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.accounts.models import User
from geoparticipation.consultations.forms_workspace import ConsultationForm
from geoparticipation.councils.domain.area import targets_within
from geoparticipation.councils.errors import BeyondArea
from geoparticipation.councils.models import Council, CouncilMember
from layers.repeating import OnceForm
from neighbourhoods.models import Target


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Write the value as HTML wants it, whatever the language."""
        super().__init__(attrs, format="%Y-%m-%d")


class CouncilForm(forms.ModelForm):
    """Everything about a council but who sits in it."""

    class Meta:
        model = Council
        fields = ["name", "area", "text", "language", "contact", "email", "may_publish", "is_active"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "area": gettext_lazy("A saved target: its districts, streets and shapes are the council's area."),
            "contact": gettext_lazy("The house and the hours, say."),
            "may_publish": gettext_lazy("Not ticked: an agent reads what the council has written, and puts it online."),
            "is_active": gettext_lazy("Not ticked: its page is closed, and nobody acts for it any more."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every target, by name."""
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = Target.objects.defer("geometry").order_by("name", "pk")
        self.fields["area"].empty_label = _("Choose a target")
        self.fields["language"].initial = settings.LANGUAGE_CODE


class NewCouncilForm(OnceForm, CouncilForm):
    """A council that is made; sent twice it is made once."""


class MemberForm(forms.Form):
    """One seat. `email` is that of the person's account, where there is one."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=80)
    office = forms.CharField(
        label=gettext_lazy("office"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Chair, secretary… Empty: member."),
    )
    email = forms.EmailField(
        label=gettext_lazy("e-mail of the account"),
        required=False,
        help_text=gettext_lazy("With the role of councillor, the person may then act for the council."),
    )
    since = forms.DateField(label=gettext_lazy("member since"), widget=DayInput)
    until = forms.DateField(
        label=gettext_lazy("last day"), widget=DayInput, required=False, help_text=gettext_lazy("Empty: open end.")
    )
    is_shown = forms.BooleanField(label=gettext_lazy("agrees that name and office are shown"), required=False)

    def __init__(self, data: Any = None, *, member: CouncilMember | None = None) -> None:
        """Start from a seat, or from nothing."""
        self.member = member
        initial: dict[str, Any] = {"since": timezone.localdate()}
        if member is not None:
            names = ("name", "office", "since", "until", "is_shown")
            initial = {name: getattr(member, name) for name in names}
            initial["email"] = member.user.email if member.user else ""
        super().__init__(data, initial=initial, auto_id=f"id_{member.pk if member else 'new'}_%s")

    def clean(self) -> dict[str, Any]:
        """Find the account."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["user"] = None
        if email := cleaned.get("email"):
            cleaned["user"] = User.objects.filter(email__iexact=email, is_active=True).first()
            if cleaned["user"] is None:
                self.add_error("email", _("There is no account with this address. Leave it empty, or ask the person."))
        return cleaned


class CouncilConsultationForm(ConsultationForm):
    """A consultation of a council: aimed at its area, or at a target inside it."""

    def __init__(self, *args: Any, council: Council, **kwargs: Any) -> None:
        """Offer the targets inside the area; none chosen means all of it."""
        super().__init__(*args, **kwargs)
        target = self.fields["target"]
        target.queryset = targets_within(council).exclude(pk=council.area_id).defer("geometry").order_by("name", "pk")
        target.empty_label = _("the whole area of the council")
        target.help_text = _("Whom it is for, inside the area of the council.")
        target.error_messages["invalid_choice"] = BeyondArea(council.name).detail
        if not self.instance.pk:
            self.initial["inside_target_only"] = True
        if self.instance.target_id == council.area_id:
            self.initial["target"] = None
        self.council = council

    def clean(self) -> dict[str, Any]:
        """Take the whole area where nothing else is chosen."""
        cleaned = self.cleaned_data
        if "target" not in self.errors:
            cleaned["target"] = cleaned.get("target") or self.council.area
        return super().clean()
