"""What a person is told about a photo that cannot be added or is not there; how reading refuses: `layers.pictures`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.pictures.errors import PhotoRefused


class PhotoMissing(PhotoRefused):
    """A request to add a photo that has none."""

    code = "photo_missing"

    def __init__(self) -> None:
        super().__init__(_("Choose a photo first."))


class PhotoNotKept(PhotoRefused):
    """There is no room for it, or where it is kept cannot be reached."""

    code = "photo_not_kept"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("Photos cannot be kept at the moment. Send your text without, or try again later."), retry_after=600
        )


class TooManyPhotos(PhotoRefused):
    """More than `extra["limit"]` for one contribution."""

    code = "too_many_photos"

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("At most %(limit)s photos can be sent with it. Take away the others.") % {"limit": limit}, limit=limit
        )


class PhotoGone(PhotoRefused):
    """A photo that was sent before the text, and is no longer kept."""

    code = "photo_gone"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("A photo that you chose is no longer kept: that is done for one day. Choose it again."))


class PhotosClosed(PhotoRefused):
    """Photos come before a moderator has read it, or not at all."""

    code = "photos_closed"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("A moderator has read this already: photos can no longer be added to it."))


class UnknownPhoto(PhotoRefused):
    """There is no such photo, or this person may not see it: the two look the same from outside."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This photo does not exist, or is not online."))
