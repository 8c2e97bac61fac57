"""Counts contributions per cell of the map, and notes the writes to what their layer shows."""

from django.db import migrations

from geoparticipation.contributions.cells import CELLS
from layers.versions import watching_sql


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0002_versions_and_cells"),
        ("contributions", "0004_export"),
    ]

    operations = [
        migrations.RunSQL(*CELLS.creating_sql()),
        migrations.RunSQL(*watching_sql("contributions_contribution", "contributions_contributiondistrict")),
    ]
