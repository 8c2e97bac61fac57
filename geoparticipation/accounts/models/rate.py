"""How often something was done from one connection address."""

from __future__ import annotations

from django.db import models


class RateCount(models.Model):
    """Count of one action from one source in one window; the source is a keyed hash that changes daily."""

    key_hash = models.CharField(max_length=64)
    window_starts_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash", "window_starts_at"], name="rate_count_once")]
