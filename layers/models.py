"""Answers kept for a while, so that a request sent twice is carried out once."""

from __future__ import annotations

from django.db import models


class KeptAnswer(models.Model):
    """The answer to a request that came with an `Idempotency-Key`, or from a form with a token.

    `key_hash` is the keyed hash of who asked and the key; `request_hash` that of what was asked. Written in one
    transaction with what the request made. It is here, lowest of all, since every app has things to make.
    """

    key_hash = models.CharField(max_length=64, unique=True)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=500, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.TextField(blank=True)
    expires_at = models.DateTimeField(db_index=True)
