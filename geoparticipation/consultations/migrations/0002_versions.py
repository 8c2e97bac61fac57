"""Notes the writes to consultations: whether one is a draft decides what the map shows."""

from django.db import migrations

from layers.versions import watching_sql


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0002_versions_and_cells"),
        ("consultations", "0001_initial"),
    ]

    operations = [migrations.RunSQL(*watching_sql("consultations_consultation"))]
