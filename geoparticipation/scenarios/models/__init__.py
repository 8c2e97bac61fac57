"""Plans, their variants and places, and what people prefer."""

from geoparticipation.scenarios.models.place import PlaceNote, PlanPlace
from geoparticipation.scenarios.models.plan import Plan
from geoparticipation.scenarios.models.preference import Preference
from geoparticipation.scenarios.models.variant import Variant, VariantFeature, VariantFile

__all__ = ["PlaceNote", "Plan", "PlanPlace", "Preference", "Variant", "VariantFeature", "VariantFile"]
