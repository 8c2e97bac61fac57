"""The form by which an agent makes a mailing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.order_mailing import MailingFigures, preview_mailing
from geoparticipation.mailings.enums import FlyersPer
from geoparticipation.mailings.models import Mailing
from layers.errors import Refusal
from layers.repeating import OnceForm
from neighbourhoods.models import Target


class _EarlierMailings(forms.ModelChoiceField):
    """The mailings that a target had before: a new one can go to those that did not answer."""

    def label_from_instance(self, mailing: Mailing) -> str:
        """The mailing's name and day."""
        day = date_format(mailing.delivered_on or mailing.created_at, "SHORT_DATE_FORMAT")
        return _("only those that have not answered “%(name)s” (%(day)s)") % {"name": mailing.name, "day": day}


class MailingForm(OnceForm):
    """To whom, for what, and how many. The earlier mailings on offer are those of the target that is chosen."""

    name = forms.CharField(
        label=gettext_lazy("Name of the mailing"),
        help_text=gettext_lazy("For you and your colleagues; it is not printed."),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Give the mailing a name, so that you find it again."),
        },
    )
    consultation = forms.ModelChoiceField(
        label=gettext_lazy("Consultation that the code opens"),
        queryset=Consultation.objects.none(),
        empty_label=gettext_lazy("Choose a consultation"),
        error_messages={"required": gettext_lazy("Choose the consultation that the flyers are about.")},
    )
    target = forms.ModelChoiceField(
        label=gettext_lazy("Target"),
        queryset=Target.objects.none(),
        empty_label=gettext_lazy("Choose a target"),
        error_messages={"required": gettext_lazy("Choose whom the flyers go to.")},
    )
    flyers_per = forms.ChoiceField(
        label=gettext_lazy("How many flyers"),
        choices=FlyersPer,
        initial=FlyersPer.LETTERBOX,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Each flyer has a code of its own. How many voices a home has, the consultation says."),
    )
    respect_no_flyers = forms.BooleanField(
        label=gettext_lazy("Leave out letterboxes that want no flyers"), initial=True, required=False
    )
    only_unanswered_of = _EarlierMailings(
        label=gettext_lazy("To which of its letterboxes"),
        queryset=Mailing.objects.none(),
        empty_label=gettext_lazy("all of them"),
        widget=forms.RadioSelect,
        required=False,
        blank=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what there is; a query for each choice when it is written, and one for an earlier mailing."""
        super().__init__(*args, **kwargs)
        self.fields["consultation"].queryset = Consultation.objects.exclude(state=ConsultationState.ARCHIVED)
        self.fields["target"].queryset = Target.objects.defer("geometry").order_by("name", "pk")
        earlier = Mailing.objects.filter(target=self._key("target"))
        self.fields["only_unanswered_of"].queryset = earlier
        self.earlier = earlier.filter(pk=self._key("only_unanswered_of")).first()
        if self.is_bound and self.earlier is None:
            # None, or one of a target that was chosen before this one: then all letterboxes are meant.
            self.data = {**self.data.dict(), "only_unanswered_of": ""}

    def _key(self, name: str) -> int:
        """The key that is chosen in a field, right or wrong; 0 without one."""
        chosen = str(self[name].value() or "")
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) <= 15 else 0

    def figures(self) -> MailingFigures | None:
        """What the mailing would be, as far as the form is filled in; None without a target that reaches somebody.

        Six queries.
        """
        target = Target.objects.defer("geometry").filter(pk=self._key("target")).first()
        if target is None:
            return None
        try:
            return preview_mailing(
                target=target,
                flyers_per=self["flyers_per"].value(),
                respect_no_flyers=bool(self["respect_no_flyers"].value()),
                only_unanswered_of=self.earlier,
            )
        except Refusal:
            return None
