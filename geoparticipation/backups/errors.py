"""Why a backup was not made or not restored."""

from __future__ import annotations


class BackupError(Exception):
    """It failed; the site is as it was. The sentence says what to do."""


class BackupRefused(BackupError):
    """What was asked for does not fit (a backup that is not whole, a database that is filled): nothing was touched."""
