"""What a person is told about a picture that is not taken."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import formats
from django.utils.translation import gettext as _

from layers.errors import Refusal


class PhotoRefused(Refusal):
    """A photo that is not taken."""

    code = "photo_refused"

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail, field="photos", **extra)


class PhotoTooLarge(PhotoRefused):
    """More bytes than `extra["max_bytes"]`."""

    code = "photo_too_large"
    status = 413

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            _("This photo is larger than %(limit)s MB. Save it smaller, or take a picture of lower quality.")
            % {"limit": formats.number_format(max_bytes // 1_000_000)},
            max_bytes=max_bytes,
        )


class PhotoFormatUnknown(PhotoRefused):
    """Not one of the formats that are read, whatever its name says."""

    code = "photo_format_unknown"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            _("This file is none of the kinds of photo that are taken, whatever its name says. Send one of: %(names)s.")
            % {"names": ", ".join(names)}
        )


class PhotoIsSomethingElse(PhotoRefused):
    """A photo that other programs would take for a page, a program, a document or an archive."""

    code = "photo_is_something_else"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This file is a photo and something else at once. "
                "Open it in a photo program, save it anew, and send that."
            )
        )


class PhotoTooManyPixels(PhotoRefused):
    """More points than `extra["max_pixels"]`."""

    code = "photo_too_many_pixels"

    def __init__(self, max_pixels: int) -> None:
        super().__init__(
            _("This picture has more than %(limit)s million points. Save it smaller.")
            % {"limit": formats.number_format(max_pixels // 1_000_000)},
            max_pixels=max_pixels,
        )


class PhotoTooHeavy(PhotoRefused):
    """Reading it takes more time or memory than a photo needs."""

    code = "photo_too_heavy"

    def __init__(self) -> None:
        super().__init__(_("This photo takes too long to read. Save it smaller, as JPEG, and send that."))


class PhotoBroken(PhotoRefused):
    """Begins like a photo, and then is broken or not whole."""

    code = "photo_broken"

    def __init__(self) -> None:
        super().__init__(_("This photo is broken, or only a part of it arrived. Choose it again, or another one."))


class PhotosBusy(PhotoRefused):
    """Too many photos are being read at the moment."""

    code = "photos_busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(_("Many photos are arriving at the moment. Please try again in a minute."), retry_after=60)
