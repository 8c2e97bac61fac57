"""What the flyers of a mailing look like."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.enums import FlyerOrder, FlyerRunState, FlyerTemplate
from geoparticipation.mailings.models.mailing import Mailing

TITLE_LENGTH = 160
TEXT_LENGTH = 2000


class FlyerDesign(models.Model):
    """Template and texts of a mailing's flyers. Texts are plain and cleaned by `save_flyer_design`.

    An empty title or text is the consultation's title or summary. With a `second_language` its texts stand beside the
    first. `addressed` prints each letterbox's address where the window of an envelope is. `picture` and `logo` are
    names of JPEG files in the storage; an empty `colour` (#rrggbb) is the town's. `with_reply` adds a form to be filled
    in and cut off.
    """

    mailing = models.OneToOneField(Mailing, models.CASCADE, related_name="flyer_design")
    template = models.CharField(_("template"), max_length=2, choices=FlyerTemplate, default=FlyerTemplate.A5)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, blank=True)
    text = models.TextField(_("text"), max_length=TEXT_LENGTH, blank=True)
    second_language = models.CharField(_("second language"), max_length=5, blank=True, choices=settings.LANGUAGES)
    second_title = models.CharField(_("title in the second language"), max_length=TITLE_LENGTH, blank=True)
    second_text = models.TextField(_("text in the second language"), max_length=TEXT_LENGTH, blank=True)
    with_map = models.BooleanField(_("map of the target"), default=True)
    addressed = models.BooleanField(_("with the address of each letterbox"), default=False)
    colour = models.CharField(_("colour"), max_length=7, blank=True)
    picture = models.CharField(_("picture"), max_length=100, blank=True, editable=False)
    logo = models.CharField(_("logo"), max_length=100, blank=True, editable=False)
    with_reply = models.BooleanField(_("with a form to answer on paper"), default=False)

    class Meta:
        verbose_name = _("design of flyers")
        verbose_name_plural = _("designs of flyers")
        constraints = [
            models.CheckConstraint(
                condition=Q(addressed=False) | Q(template=FlyerTemplate.A4),
                name="addressed_flyer_goes_into_an_envelope",
            ),
            models.CheckConstraint(
                condition=Q(with_reply=False) | ~Q(template=FlyerTemplate.A6), name="reply_form_has_room"
            ),
        ]


class FlyerRun(models.Model):
    """The flyers of a mailing being written by the worker: who asked, how far it is, and where the file lies.

    `file` is the name in the storage, empty before the file is whole and after it was removed. A run that was stopped
    keeps its pages and goes on with them. `reason` says to a person why there is no file.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="flyer_runs")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(_("asked for at"), auto_now_add=True)
    bleed = models.BooleanField(_("with bleed and crop marks"), default=False)
    on_a4 = models.BooleanField(_("several on each sheet of A4"), default=False)
    order = models.CharField(_("order"), max_length=4, choices=FlyerOrder, default=FlyerOrder.LIST)
    with_covers = models.BooleanField(_("with a cover sheet for each round"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=FlyerRunState, default=FlyerRunState.WAITING)
    pages_written = models.PositiveIntegerField(_("pages written"), default=0)
    pages_total = models.PositiveIntegerField(_("pages"), default=0)
    file = models.CharField(_("file"), max_length=100, blank=True)
    size_bytes = models.BigIntegerField(_("size"), default=0)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("writing of flyers")
        verbose_name_plural = _("writings of flyers")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing"],
                condition=Q(state__in=["waiting", "running"]),
                name="flyers_of_a_mailing_are_written_once_at_a_time",
            )
        ]

    @property
    def is_pending(self) -> bool:
        """Whether one should look again later."""
        return self.state in {FlyerRunState.WAITING, FlyerRunState.RUNNING}

    @property
    def may_go_on(self) -> bool:
        """Whether somebody may have it gone on with."""
        return self.state in {FlyerRunState.CANCELLED, FlyerRunState.FAILED}
