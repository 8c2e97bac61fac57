"""Questions put to the people of a target."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.surveys.definition import SurveyDefinition, in_language, read_definition
from geoparticipation.surveys.enums import OnePer, ResultsShown, SurveyState
from neighbourhoods.models import Target

if TYPE_CHECKING:
    from geoparticipation.surveys.definition.model import Text


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Answers about surveys."""

    def visible_to(self, user: object) -> SurveyQuerySet:
        """What this person may see: agents see drafts, everybody else what is open or closed, nothing of a draft."""
        if getattr(user, "is_agent", False):
            return self
        return self.exclude(state=SurveyState.DRAFT).exclude(consultation__state=ConsultationState.DRAFT)


class Survey(models.Model):
    """A survey of a consultation.

    `definition` is JSON of `surveys.definition`, the one source of what is asked; only `domain.save_survey` writes it.
    `target` limits from where people answer; null leaves that to the consultation. The rules on who answers how often
    are in `one_per`; identity, charter and phases are the consultation's.
    """

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="surveys")
    target = models.ForeignKey(
        Target, models.PROTECT, null=True, blank=True, related_name="surveys", verbose_name=_("target")
    )
    slug = models.SlugField(_("address of the page"), max_length=80, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=SurveyState, default=SurveyState.DRAFT)
    one_per = models.CharField(_("who answers once"), max_length=10, choices=OnePer, default=OnePer.DEVICE)
    results_shown = models.CharField(
        _("when everybody sees the results"), max_length=10, choices=ResultsShown, default=ResultsShown.AFTERWARDS
    )
    definition = models.JSONField(_("definition"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def read(self) -> SurveyDefinition:
        """The definition as dataclasses; read once for this object."""
        return read_definition(self.definition)

    def words(self, text: Text) -> str:
        """A text of the definition in the language of the page, else in the survey's first one."""
        return in_language(text, get_language() or "")

    @property
    def title(self) -> str:
        """What it is called, in the language of the page."""
        return in_language(self.definition["title"], get_language() or "")

    @property
    def introduction(self) -> str:
        """What it is about, in the language of the page."""
        return in_language(self.definition.get("introduction", {}), get_language() or "")
