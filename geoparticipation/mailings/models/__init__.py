"""Tables of mailings."""

from geoparticipation.mailings.models.download import MailingListDownload
from geoparticipation.mailings.models.flyer import FlyerDesign, FlyerRun
from geoparticipation.mailings.models.mailing import LetterboxCode, Mailing, MailingLetterbox, MailingSegment
from geoparticipation.mailings.models.order import MailingOrder
from geoparticipation.mailings.models.residence import Residence
from geoparticipation.mailings.models.round import Round, RoundLetterbox, RoundPlan, RoundStop
from geoparticipation.mailings.models.walk import AddressCorrection, RoundEvent, RoundLink

__all__ = [
    "AddressCorrection",
    "FlyerDesign",
    "FlyerRun",
    "LetterboxCode",
    "Mailing",
    "MailingLetterbox",
    "MailingListDownload",
    "MailingOrder",
    "MailingSegment",
    "Residence",
    "Round",
    "RoundEvent",
    "RoundLetterbox",
    "RoundLink",
    "RoundPlan",
    "RoundStop",
]
