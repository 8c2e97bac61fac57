"""Answers kept for a while, so that a request sent twice is carried out once."""

from __future__ import annotations

from django.db import models


class KeptAnswer(models.Model):
    """The answer to a request that came with an `Idempotency-Key`.

    `key_hash` is the keyed hash of who asked, where, and the key; `request_hash` that of what was asked.
    """

    key_hash = models.CharField(max_length=64, unique=True)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    expires_at = models.DateTimeField(db_index=True)
