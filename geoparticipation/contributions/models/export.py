"""Files of contributions: those that the worker prepares, and the record of those that are not for everybody."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.enums import ExportState, Scope
from layers.exports.formats import FileFormat

FILTERS_LENGTH = 1000


class ExportQuerySet(models.QuerySet["Export"]):
    """Answers about exports."""

    def pending(self) -> ExportQuerySet:
        """Asked for, and neither there nor given up."""
        return self.filter(state__in=[ExportState.WAITING, ExportState.RUNNING])

    def beyond_public(self) -> ExportQuerySet:
        """What holds more than everybody sees; these rows are kept as a record."""
        return self.exclude(scope=Scope.PUBLIC)


class Export(models.Model):
    """One file: who asked for what, how far it is, and where it lies.

    `filters` is a query string with the parameters of `filters.FILTERS`, in their order. `file` is the name in the
    storage, empty before the file is whole and after it was removed. `rows_total` is counted when the work begins.
    `reason` says to a person why there is no file.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="exports", verbose_name=_("by")
    )
    requested_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    scope = models.CharField(_("content"), max_length=10, choices=Scope, default=Scope.PUBLIC)
    file_format = models.CharField(_("format"), max_length=8, choices=FileFormat)
    filters = models.CharField(_("filters"), max_length=FILTERS_LENGTH, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ExportState, default=ExportState.WAITING)
    rows_total = models.PositiveIntegerField(_("contributions"), null=True, blank=True)
    rows_written = models.PositiveIntegerField(_("contributions written"), default=0)
    file = models.CharField(_("file"), max_length=200, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("bytes"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    told_at = models.DateTimeField(_("told by e-mail at"), null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=400, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-requested_at", "-pk"]
        indexes = [models.Index(fields=["-requested_at", "-id"], name="export_latest_idx")]
        constraints = [
            # A double click asks twice for one file.
            models.UniqueConstraint(
                fields=["requested_by", "scope", "file_format", "filters", "language"],
                condition=models.Q(state__in=[ExportState.WAITING, ExportState.RUNNING]),
                name="one_pending_export_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_file_format_display()} {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def is_pending(self) -> bool:
        """Whether one should look again later."""
        return self.state in {ExportState.WAITING, ExportState.RUNNING}

    @property
    def is_ready(self) -> bool:
        """Whether there is a file to fetch."""
        return (
            self.state == ExportState.READY
            and bool(self.file)
            and self.expires_at is not None
            and self.expires_at > timezone.now()
        )
