from django.db import migrations

from layers import cells, versions


class Migration(migrations.Migration):
    dependencies = [("layers", "0001_kept_answers")]

    operations = [
        migrations.RunSQL(*versions.creating_sql()),
        migrations.RunSQL(*cells.functions_sql()),
    ]
