"""Tables of volunteering."""

from geoparticipation.volunteering.models.agreement import Agreement, Message
from geoparticipation.volunteering.models.association import Association, AssociationMember
from geoparticipation.volunteering.models.exchange import Mission, VolunteerOffer
from geoparticipation.volunteering.models.skill import Skill

__all__ = ["Agreement", "Association", "AssociationMember", "Message", "Mission", "Skill", "VolunteerOffer"]
