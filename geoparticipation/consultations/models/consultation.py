"""A question or project put to the people of a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.enums import IdentityLevel, Role
from geoparticipation.consultations.enums import ConsultationState, ModerationRule, PlacePrivacy, VoicesPer
from neighbourhoods.models import Target

DraftReaders = Callable[[object], models.QuerySet[Any]]
_DRAFT_READERS: list[DraftReaders] = []


def register_draft_readers(readers: DraftReaders) -> None:
    """Let an app above say whose drafts a person reads beside agents: a queryset of ids of consultations."""
    _DRAFT_READERS.append(readers)


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    """Answers about consultations."""

    def visible_to(self, user: object) -> ConsultationQuerySet:
        """What this person may see: agents see drafts, everybody else what is published or archived.

        Councillors see the drafts of their council, too.
        """
        if getattr(user, "is_agent", False):
            return self
        readable = ~models.Q(state=ConsultationState.DRAFT)
        if getattr(user, "role", None) == Role.COUNCILLOR:
            for readers in _DRAFT_READERS:
                readable |= models.Q(pk__in=readers(user))
        return self.filter(readable)


class Consultation(models.Model):
    """A question or project, whom it is for, who answers for it and how one takes part.

    `description` is HTML cleaned by nh3 in `domain`. `target` is null for the whole territory; places must lie in the
    target when `inside_target_only`. `max_area_m2` limits drawn areas. `voices_per` holds for the mailings made from
    then on.
    """

    slug = models.SlugField(_("address of the page"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    language = models.CharField(_("language of the text"), max_length=5, default="fr", choices=settings.LANGUAGES)
    state = models.CharField(_("state"), max_length=10, choices=ConsultationState, default=ConsultationState.DRAFT)
    target = models.ForeignKey(
        Target, models.PROTECT, null=True, blank=True, related_name="consultations", verbose_name=_("target")
    )
    inside_target_only = models.BooleanField(_("only places inside the target"), default=False)
    process_template = models.CharField(_("process"), max_length=40, blank=True)
    identity_level = models.PositiveSmallIntegerField(
        _("identity asked"), choices=IdentityLevel, default=IdentityLevel.DEVICE
    )
    voices_per = models.CharField(
        _("voices of a letterbox code"), max_length=10, choices=VoicesPer, default=VoicesPer.LETTERBOX
    )
    moderation = models.CharField(_("moderation"), max_length=6, choices=ModerationRule, default=ModerationRule.AFTER)
    place_privacy = models.CharField(
        _("places in public"), max_length=6, choices=PlacePrivacy, default=PlacePrivacy.EXACT
    )
    max_area_m2 = models.PositiveIntegerField(_("largest area, in m²"), default=2_000_000)
    political_lead = models.CharField(_("elected person in charge"), max_length=120, blank=True)
    operational_lead = models.CharField(_("person in charge at the town hall"), max_length=120, blank=True)
    help_place = models.CharField(_("help point: place"), max_length=160, blank=True)
    help_phone = models.CharField(_("help point: phone"), max_length=40, blank=True)
    help_hours = models.CharField(_("help point: opening hours"), max_length=160, blank=True)
    video_url = models.URLField(_("link to a video"), blank=True)
    charter = models.TextField(_("charter to accept"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title
