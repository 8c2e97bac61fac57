"""What people on their rounds note: links that open a round on a phone, acts that are never changed, decisions."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.enums import Decision, RoundAct
from geoparticipation.mailings.models.mailing import MailingLetterbox
from geoparticipation.mailings.models.round import Round, RoundStop
from neighbourhoods.models import Address

NOTE_LENGTH = 300
OF_STOPS = (RoundAct.DONE, RoundAct.UNDONE)


class RoundLink(models.Model):
    """A secret address at which one round can be opened without an account; kept as a keyed hash.

    It ends when it is withdrawn, when another one is made, at `expires_at`, or with its round.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("link to a round")
        verbose_name_plural = _("links to rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(withdrawn_at__isnull=True), name="one_link_in_force_per_round"
            )
        ]

    @property
    def is_in_force(self) -> bool:
        """Whether it opens the round now."""
        return self.withdrawn_at is None and self.expires_at > timezone.now()


class RoundEvent(models.Model):
    """One act on a round; never changed or deleted (the database refuses it), only followed by others.

    `id` is made where the act was done, so that what is sent twice is kept once. `replaces` are the acts on the same
    stop or letterbox that the person saw when doing this one. What holds now is worked out by `domain.walks.merge`.
    `made_at` is what the phone's clock said, and no later than when it came here.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="events")
    act = models.CharField(_("what"), max_length=13, choices=RoundAct)
    stop = models.ForeignKey(RoundStop, models.PROTECT, null=True, blank=True, related_name="events")
    letterbox = models.ForeignKey(MailingLetterbox, models.PROTECT, null=True, blank=True, related_name="round_events")
    replaces = ArrayField(models.UUIDField(), default=list, blank=True)
    text = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)
    made_at = models.DateTimeField(_("made at"))
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        verbose_name = _("act on a round")
        verbose_name_plural = _("acts on rounds")
        ordering = ["round", "made_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(act__in=OF_STOPS, stop__isnull=False, letterbox__isnull=True)
                | (~Q(act__in=OF_STOPS) & Q(stop__isnull=True, letterbox__isnull=False)),
                name="act_is_of_a_stop_or_a_letterbox",
            )
        ]


class AddressCorrection(models.Model):
    """What an agent decided on a note about a letterbox, and what it changed in the register (`before`, `after`)."""

    event = models.OneToOneField(RoundEvent, models.PROTECT, related_name="correction")
    address = models.ForeignKey(Address, models.SET_NULL, null=True, blank=True, related_name="corrections")
    decision = models.CharField(_("decision"), max_length=9, choices=Decision)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), auto_now_add=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)

    class Meta:
        verbose_name = _("correction of an address")
        verbose_name_plural = _("corrections of addresses")
        ordering = ["-decided_at", "-pk"]
