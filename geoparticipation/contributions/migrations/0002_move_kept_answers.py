"""Kept answers move to the app `layers`, so that every app may keep some; those that are kept now move along."""

from django.db import migrations

_THERE = """
INSERT INTO layers_keptanswer (key_hash, request_hash, status, location, body, expires_at, content_type)
SELECT key_hash, request_hash, status, location, body, expires_at, 'application/geo+json'
FROM contributions_keptanswer ON CONFLICT DO NOTHING
"""
_BACK = """
INSERT INTO contributions_keptanswer (key_hash, request_hash, status, location, body, expires_at)
SELECT key_hash, request_hash, status, left(location, 200), body, expires_at
FROM layers_keptanswer WHERE content_type <> 'application/json' ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0001_initial"),
        ("layers", "0001_kept_answers"),
    ]

    operations = [
        migrations.RunSQL(_THERE, _BACK),
        migrations.DeleteModel(name="KeptAnswer"),
    ]
