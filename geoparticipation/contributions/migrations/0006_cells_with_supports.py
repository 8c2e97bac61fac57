"""Adds up the supports of contributions in their cells, too: makes tables and triggers anew."""

from django.db import migrations

from geoparticipation.contributions.cells import CELLS

_CREATE, _DROP = CELLS.creating_sql()


class Migration(migrations.Migration):
    dependencies = [("contributions", "0005_cells")]

    operations = [migrations.RunSQL(_DROP + _CREATE, migrations.RunSQL.noop)]
