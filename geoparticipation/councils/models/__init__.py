"""Tables of neighbourhood councils."""

from geoparticipation.councils.models.consultation import CouncilConsultation
from geoparticipation.councils.models.council import Council
from geoparticipation.councils.models.member import CouncilMember

__all__ = ["Council", "CouncilConsultation", "CouncilMember"]
