"""A person may have voted with several browsers, none of which has a ballot of its own then."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

_KEEP = "UPDATE budgets_ballot SET browser_hashes = ARRAY[browser_hash] WHERE browser_hash <> ''"
_BACK = "UPDATE budgets_ballot SET browser_hash = browser_hashes[1] WHERE browser_hashes <> '{}'"


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0003_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="ballot",
            name="browser_hashes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.RunSQL(_KEEP, _BACK),
        migrations.RemoveIndex(
            model_name="ballot",
            name="ballot_browser_idx",
        ),
        migrations.RemoveField(
            model_name="ballot",
            name="browser_hash",
        ),
        migrations.AddIndex(
            model_name="ballot",
            index=django.contrib.postgres.indexes.GinIndex(fields=["browser_hashes"], name="ballot_browsers_idx"),
        ),
    ]
