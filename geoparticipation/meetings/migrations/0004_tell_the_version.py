"""Writes to meetings change the version of their layer, so that nobody keeps seeing an old tile."""

from django.db import migrations

from layers.versions import watching_sql

_CREATE, _DROP = watching_sql("meetings_meeting")


class Migration(migrations.Migration):
    dependencies = [("layers", "0002_versions_and_cells"), ("meetings", "0003_workshops")]

    operations = [migrations.RunSQL(_CREATE, _DROP)]
