"""The database extensions everything else needs."""

from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """PostGIS for geometry, trigrams for tolerant search, btree_gist for "no overlapping phases"."""

    dependencies: list[tuple[str, str]] = []
    operations = [CreateExtension("postgis"), TrigramExtension(), BtreeGistExtension()]
