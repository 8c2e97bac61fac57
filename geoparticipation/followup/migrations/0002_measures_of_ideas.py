"""A measure is of an idea, whether its case was answered or it won a budget; with pictures, and a layer that tells its version."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from layers.versions import watching_sql

_CREATE, _DROP = watching_sql("followup_measure")


def name_ideas(apps, schema_editor):
    """Each measure is of the idea of its case."""
    Measure = apps.get_model("followup", "Measure")
    for measure in Measure.objects.select_related("case").only("pk", "case__contribution_id"):
        Measure.objects.filter(pk=measure.pk).update(contribution=measure.case.contribution_id)


def name_cases(apps, schema_editor):
    """Each measure is of the case of its idea again; those of ideas without one cannot be kept."""
    Measure, Case = apps.get_model("followup", "Measure"), apps.get_model("followup", "Case")
    cases = dict(Case.objects.filter(contribution__measure__isnull=False).values_list("contribution_id", "pk"))
    for measure in Measure.objects.only("pk", "contribution_id"):
        if measure.contribution_id in cases:
            Measure.objects.filter(pk=measure.pk).update(case=cases[measure.contribution_id])
        else:
            measure.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0009_responses_are_never_online"),
        ("followup", "0001_follow_up"),
        ("layers", "0002_versions_and_cells"),
    ]

    operations = [
        migrations.AddField(
            model_name="measure",
            name="contribution",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="measure",
                to="contributions.contribution",
            ),
        ),
        migrations.AlterField(
            model_name="measure",
            name="case",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="measure", to="followup.case"
            ),
        ),
        migrations.RunPython(name_ideas, name_cases),
        # Rows written above have checks of their keys pending, with which no column may be changed.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.AlterField(
            model_name="measure",
            name="contribution",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="measure",
                to="contributions.contribution",
            ),
        ),
        migrations.RemoveField(model_name="measure", name="case"),
        migrations.AddField(
            model_name="reminder",
            name="passed_on_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="MeasurePhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="code")),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at")),
                (
                    "moment",
                    models.CharField(
                        choices=[("before", "before"), ("after", "after")], max_length=6, verbose_name="when"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("description", models.CharField(max_length=300, verbose_name="description")),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="followup.measure"
                    ),
                ),
            ],
            options={
                "verbose_name": "photo of a measure",
                "verbose_name_plural": "photos of measures",
                "ordering": ["-moment", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("measure", "position"), name="measure_photo_position_once"),
                    models.UniqueConstraint(fields=("measure", "sha256"), name="photo_once_in_a_measure"),
                    models.CheckConstraint(
                        condition=models.Q(("description", ""), _negated=True), name="measure_photo_is_described"
                    ),
                ],
            },
        ),
        migrations.RunSQL(_CREATE, _DROP),
    ]
