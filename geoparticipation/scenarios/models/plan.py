"""A plan of which there are several variants."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.scenarios.enums import PlanState, ResultsShown


class PlanQuerySet(models.QuerySet["Plan"]):
    """Answers about plans."""

    def public(self) -> PlanQuerySet:
        """What everybody may see: published, in a consultation that is no draft."""
        return self.filter(state=PlanState.PUBLISHED).exclude(consultation__state=ConsultationState.DRAFT)

    def visible_to(self, user: object) -> PlanQuerySet:
        """Agents see all, everybody else what is public."""
        return self if getattr(user, "is_agent", False) else self.public()


class Plan(models.Model):
    """What a town wants to change, in a consultation; people say at each place which variant they prefer.

    `told_on` is the day of which the results that everybody reads are (`PlanPlace.told`), None while there are none.
    `told_exactly` says that exact figures have been told; then they are never told exactly again, so that nobody can
    take one set of figures from the other.
    """

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="plans", verbose_name=_("consultation"))
    state = models.CharField(_("state"), max_length=9, choices=PlanState, default=PlanState.DRAFT)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("what it is about"), max_length=5000, blank=True)
    results_shown = models.CharField(_("results"), max_length=6, choices=ResultsShown, default=ResultsShown.AFTERWARDS)
    told_on = models.DateField(_("results of"), null=True, blank=True, editable=False)
    told_exactly = models.BooleanField(default=False, editable=False)
    told_at_end = models.BooleanField(default=False, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def language(self) -> str:
        """The texts are in the consultation's language."""
        return self.consultation.language
