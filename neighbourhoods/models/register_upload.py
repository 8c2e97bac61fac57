"""Registers that agents upload: the file, what it is said to hold, and how loading it goes."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from neighbourhoods.enums import RegisterKind, UploadState


def path_of_upload(upload: RegisterUpload, filename: str) -> str:
    """Where a file is kept: under a name of our own, since what people call a file says nothing about it."""
    return f"uploads/registers/{uuid.uuid4().hex}"


class RegisterUpload(models.Model):
    """One file on its way into the territory; written by the functions of `neighbourhoods.domain.registers` alone.

    `description` is what was found in the file and `choices` what the agent says about it (see `FileSummary` and
    `Choices`). `step`, `rows_done`, `rows_total` are the progress while it is loaded, written outside the import's
    transaction; `report` is the import's, written inside it. The files are deleted after a while, the row stays.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=RegisterKind)
    state = models.CharField(_("state"), max_length=12, choices=UploadState, default=UploadState.RECEIVED)
    original_name = models.CharField(_("name of the file"), max_length=200)
    file = models.FileField(_("file"), upload_to=path_of_upload, max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    description = models.JSONField(_("description"), null=True, blank=True)
    choices = models.JSONField(_("choices"), default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    step = models.CharField(_("step"), max_length=200, blank=True)
    rows_done = models.PositiveBigIntegerField(_("rows done"), default=0)
    rows_total = models.PositiveBigIntegerField(_("rows in total"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal = models.TextField(_("why it was refused"), blank=True)
    report = models.JSONField(_("report"), null=True, blank=True)
    refused_file = models.FileField(_("refused rows"), upload_to=path_of_upload, max_length=200, blank=True)

    class Meta:
        verbose_name = _("uploaded register")
        verbose_name_plural = _("uploaded registers")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.original_name

    @property
    def said(self) -> dict[str, Any]:
        """What the agent said about the file, for templates."""
        return dict(self.choices or {})
