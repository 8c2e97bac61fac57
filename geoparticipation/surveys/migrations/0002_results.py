"""Tallies of answers, kept by triggers, and the figures that everybody reads."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models

from geoparticipation.surveys.results.hexagons import hexagon_function_sql
from geoparticipation.surveys.results.tally_sql import tally_sql


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountedResponse",
            fields=[
                ("response", models.BigIntegerField(primary_key=True, serialize=False)),
                ("survey", models.BigIntegerField()),
                ("district", models.BigIntegerField()),
                ("day", models.DateField()),
                ("origin", models.CharField(max_length=8)),
                ("rows", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="ResultRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("up_to", models.DateField(verbose_name="of the days before")),
                ("is_final", models.BooleanField(verbose_name="of the closed survey")),
                ("figures", models.JSONField(verbose_name="figures")),
                ("made_at", models.DateTimeField(auto_now=True, verbose_name="made at")),
                (
                    "survey",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="release", to="surveys.survey"
                    ),
                ),
            ],
            options={
                "verbose_name": "published results",
                "verbose_name_plural": "published results",
            },
        ),
        migrations.CreateModel(
            name="ReleasedHexagon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.CharField(max_length=40)),
                ("people", models.PositiveIntegerField(verbose_name="people")),
                ("near", models.CharField(blank=True, max_length=300, verbose_name="near")),
                ("geometry", django.contrib.gis.db.models.fields.PolygonField(srid=4326, verbose_name="area")),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hexagons", to="surveys.resultrelease"
                    ),
                ),
            ],
            options={
                "verbose_name": "hexagon of published results",
                "verbose_name_plural": "hexagons of published results",
                "ordering": ["-people", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SurveyTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.CharField(max_length=40)),
                ("part", models.CharField(max_length=60)),
                ("value", models.CharField(max_length=60)),
                ("district", models.BigIntegerField()),
                ("day", models.DateField()),
                ("origin", models.CharField(max_length=8)),
                ("n", models.BigIntegerField()),
                ("amount", models.DecimalField(decimal_places=12, max_digits=40)),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tallies", to="surveys.survey"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "question", "part", "value", "district", "day", "origin"),
                        name="survey_tally_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(*hexagon_function_sql()),
        migrations.RunSQL(*tally_sql()),
    ]
