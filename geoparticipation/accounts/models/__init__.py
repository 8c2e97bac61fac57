"""Tables about people."""

from geoparticipation.accounts.models.device import Device
from geoparticipation.accounts.models.rate import RateCount
from geoparticipation.accounts.models.user import User

__all__ = ["Device", "RateCount", "User"]
