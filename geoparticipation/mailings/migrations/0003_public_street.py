"""Segments say which street may be named."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailings", "0002_mailing")]

    operations = [
        migrations.AddField(
            model_name="mailingsegment",
            name="public_street",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="neighbourhoods.street",
                verbose_name="street in public",
            ),
        ),
    ]
