"""Notes the writes that the layer of projects depends on."""

from django.db import migrations

from layers.versions import watching_sql


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0002_taken_off_and_browsers"),
        ("layers", "0002_versions_and_cells"),
    ]
    operations = [migrations.RunSQL(*watching_sql("budgets_project", "budgets_budget"))]
