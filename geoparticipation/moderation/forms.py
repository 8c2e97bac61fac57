"""Forms of the moderation queue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Status


class Shown(models.TextChoices):
    """What the queue shows."""

    UNREAD = "unread", gettext_lazy("To read")
    ONLINE = "online", gettext_lazy("Online")
    HIDDEN = "hidden", gettext_lazy("Hidden")


class QueueFilterForm(forms.Form):
    """Which contributions to show; what is not understood falls back to all that is to be read."""

    shown = forms.ChoiceField(choices=Shown, required=False)
    consultation = forms.ModelChoiceField(
        Consultation.objects.only("pk", "slug", "title"),
        to_field_name="slug",
        required=False,
        label=gettext_lazy("Consultation"),
        empty_label=gettext_lazy("All consultations"),
    )

    def chosen(self) -> tuple[str, Consultation | None]:
        """Return what to show and of which consultation (null: of all)."""
        self.is_valid()
        cleaned = self.cleaned_data
        return cleaned.get("shown") or Shown.UNREAD, cleaned.get("consultation")


class DecisionForm(forms.Form):
    """What a moderator decides about one contribution, and in which state they saw it."""

    to_status = forms.ChoiceField(choices=[(Status.PUBLISHED, ""), (Status.HIDDEN, "")])
    seen_status = forms.ChoiceField(choices=Status)
    reason = forms.CharField(max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        """Hiding needs a reason that the author can understand."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("to_status") == Status.HIDDEN and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why you hide it: the author will read this sentence."))
        return cleaned
