"""`manage.py load_demo --osm-file town.osm.pbf`: a real town, and what people might say in it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from geoparticipation.demo_town.loading import is_loaded, load_town_life
from geoparticipation.demo_town.switching import switch_to_town
from neighbourhoods.models import Street


class Command(BaseCommand):
    """Loads the demo once; a second run changes nothing. Another file switches to that town and keeps the first."""

    help = "Load a town from an OSM extract and fill it with demo accounts, consultations and contributions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument("--osm-file", required=True, type=Path, help="an OSM extract (.osm.pbf)")

    def handle(self, *args: Any, osm_file: Path, **options: Any) -> None:
        """Run it; raises CommandError when this database is somebody's own, or the file has no streets."""
        if not osm_file.is_file():
            raise CommandError(f"There is no file {osm_file}.")
        if switch_to_town(osm_file):
            self.stdout.write("Another town: the first one is kept, and comes back when asked for again.")
        call_command("migrate", verbosity=0, interactive=False)
        if is_loaded():
            self.stdout.write("The demo is loaded already.")
            return
        if settings.DATABASE_URL and Street.objects.exists():
            raise CommandError("The database of DATABASE_URL holds a territory already; the demo wants an empty one.")
        if not Street.objects.exists():
            call_command("import_osm", str(osm_file))
        try:
            town = load_town_life()
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Loaded {town.consultations} consultations, {town.contributions} contributions, {town.supports} supports."
        )
