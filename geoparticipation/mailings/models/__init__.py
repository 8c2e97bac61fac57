"""Tables of mailings."""

from geoparticipation.mailings.models.download import MailingListDownload

__all__ = ["MailingListDownload"]
