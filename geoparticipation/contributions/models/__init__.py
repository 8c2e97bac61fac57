"""Tables of contributions."""

from geoparticipation.contributions.models.attachment import Attachment, HeldPhoto, PhotoRemoval
from geoparticipation.contributions.models.contribution import Contribution, ContributionDistrict
from geoparticipation.contributions.models.export import Export
from geoparticipation.contributions.models.status_change import StatusChange
from geoparticipation.contributions.models.support import Support

__all__ = [
    "Attachment",
    "Contribution",
    "ContributionDistrict",
    "Export",
    "HeldPhoto",
    "PhotoRemoval",
    "StatusChange",
    "Support",
]
