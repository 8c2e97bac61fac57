"""Notes the writes to what the territory's map layers show."""

from django.db import migrations

from layers.versions import watching_sql

_WATCHED = (
    "neighbourhoods_address",
    "neighbourhoods_boundaryrelease",
    "neighbourhoods_district",
    "neighbourhoods_districtlevel",
    "neighbourhoods_ground",
    "neighbourhoods_street",
    "neighbourhoods_streetname",
)


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0002_versions_and_cells"),
        ("neighbourhoods", "0003_closed_rows"),
    ]

    operations = [migrations.RunSQL(*watching_sql(*_WATCHED))]
