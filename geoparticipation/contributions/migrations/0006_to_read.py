"""An index of what waits for a moderator, made while people go on writing."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("contributions", "0005_cells")]

    operations = [
        AddIndexConcurrently(
            model_name="contribution",
            index=models.Index(
                fields=["-status", "submitted_at", "id"],
                condition=models.Q(status="submitted") | models.Q(status="published", reviewed_at__isnull=True),
                name="contribution_to_read_idx",
            ),
        )
    ]
