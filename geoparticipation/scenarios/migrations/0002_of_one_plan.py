"""A preference is about a place and a variant of one plan; writes to what the layers show are noted."""

from __future__ import annotations

from django.db import migrations

from layers.versions import watching_sql

_OF_ONE_PLAN = """
ALTER TABLE scenarios_planplace ADD CONSTRAINT plan_place_of_plan UNIQUE (id, plan_id);
ALTER TABLE scenarios_variant ADD CONSTRAINT variant_of_plan UNIQUE (id, plan_id);
ALTER TABLE scenarios_preference
    ADD CONSTRAINT preference_place_is_of_the_plan FOREIGN KEY (place_id, plan_id)
        REFERENCES scenarios_planplace (id, plan_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT preference_variant_is_of_the_plan FOREIGN KEY (variant_id, plan_id)
        REFERENCES scenarios_variant (id, plan_id) DEFERRABLE INITIALLY DEFERRED;
"""
_BACK = """
ALTER TABLE scenarios_preference
    DROP CONSTRAINT preference_variant_is_of_the_plan, DROP CONSTRAINT preference_place_is_of_the_plan;
ALTER TABLE scenarios_variant DROP CONSTRAINT variant_of_plan;
ALTER TABLE scenarios_planplace DROP CONSTRAINT plan_place_of_plan;
"""


class Migration(migrations.Migration):
    """Constraints on two columns, which Django's own foreign keys cannot say; and triggers for versions of layers."""

    dependencies = [("scenarios", "0001_plans"), ("layers", "0002_versions_and_cells")]

    operations = [
        migrations.RunSQL(_OF_ONE_PLAN, _BACK),
        migrations.RunSQL(
            *watching_sql("scenarios_plan", "scenarios_planplace", "scenarios_variant", "scenarios_variantfeature")
        ),
    ]
