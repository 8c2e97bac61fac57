"""`manage.py restore`: a site as a backup has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from geoparticipation.backups.errors import BackupError, BackupRefused
from geoparticipation.backups.restoring import has_same_privacy_key, restore_backup
from geoparticipation.children import StopAsked, stop_on_signal


class Command(BaseCommand):
    """Exits with 0 when all is back, 2 when nothing was touched, 1 when it failed; then all is as before."""

    help = "Check a backup, and put it in the place of an empty site, or with --replace of this one."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from."""
        parser.add_argument("folder", type=Path, help="folder that `backup` made")
        parser.add_argument("--replace", action="store_true", help="put it in the place of what is there")

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        """Restore it."""
        try:
            with stop_on_signal():
                manifest = restore_backup(
                    folder=folder, replace=replace, tell=lambda step: self.stdout.write(f"{step} …")
                )
        except StopAsked:
            raise CommandError("Stopped; the site is as it was.") from None
        except BackupError as error:
            raise CommandError(str(error), returncode=2 if isinstance(error, BackupRefused) else 1) from error
        self.stdout.write(
            f"The site is as it was on {manifest.made_at}: {sum(manifest.rows.values()):,} rows, "
            f"{manifest.files:,} files. Everybody signs in again."
        )
        if not has_same_privacy_key(manifest):
            self.stderr.write(
                "PRIVACY_KEY is not the one of that time: browsers and printed codes are unknown now. Set the old one."
            )
