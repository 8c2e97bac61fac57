"""Tables of consultations."""

from geoparticipation.consultations.models.consultation import Consultation
from geoparticipation.consultations.models.phase import Phase

__all__ = ["Consultation", "Phase"]
