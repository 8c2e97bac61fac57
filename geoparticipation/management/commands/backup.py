"""`manage.py backup`: the whole site in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from geoparticipation.backups.errors import BackupError, BackupRefused
from geoparticipation.backups.writing import write_backup
from geoparticipation.children import StopAsked, stop_on_signal


class Command(BaseCommand):
    """Exits with 0 when the backup is whole, 2 when nothing was begun, 1 when it failed; then nothing is left."""

    help = "Write the database, the files and a manifest to a new folder, while the site runs."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("folder", type=Path, help="folder to make; it appears when the backup is whole")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Write it."""
        try:
            with stop_on_signal():
                manifest = write_backup(folder=folder, tell=lambda step: self.stdout.write(f"{step} …"))
        except StopAsked:
            raise CommandError("Stopped; nothing is left of this backup.") from None
        except BackupError as error:
            raise CommandError(str(error), returncode=2 if isinstance(error, BackupRefused) else 1) from error
        size = sum(part.bytes for part in manifest.parts.values())
        self.stdout.write(
            f"{folder}: {sum(manifest.rows.values()):,} rows, {manifest.files:,} files, {size / 1e6:,.1f} MB.\n"
            "It holds personal data. SECRET_KEY, PRIVACY_KEY and passwords of services are not in it: keep them apart."
        )
