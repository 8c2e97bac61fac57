"""A response that is being filled in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.surveys.models.survey import Survey


class SurveyDraft(models.Model):
    """What was filled in up to now, as typed; found again by a private link or an account, until `expires_at`.

    Of the link's token only the keyed hash is kept. `seed` keeps a random order the same for this respondent.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="drafts")
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    answers = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("response being filled in")
        verbose_name_plural = _("responses being filled in")
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "user"], condition=models.Q(user__isnull=False), name="one_draft_per_person"
            )
        ]
