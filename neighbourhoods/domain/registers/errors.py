"""Why an uploaded register is not taken, or not loaded."""

from __future__ import annotations

from typing import ClassVar

from layers.errors import Refusal


class UploadRefused(Refusal):
    """The upload stays as it was."""

    code: ClassVar[str] = "upload_refused"


class UploadTooLarge(UploadRefused):
    """More bytes than REGISTER_UPLOAD_MAX_MB."""

    code: ClassVar[str] = "upload_too_large"
    status: ClassVar[int] = 413


class UploadEmpty(UploadRefused):
    """A file without a byte in it."""

    code: ClassVar[str] = "upload_empty"


class UploadNotKept(UploadRefused):
    """The server could not write the file: its disk is full, say."""

    code: ClassVar[str] = "upload_not_kept"
    status: ClassVar[int] = 507


class UploadUnknown(UploadRefused):
    """No such upload."""

    code: ClassVar[str] = "upload_unknown"
    status: ClassVar[int] = 404


class UploadBusy(UploadRefused):
    """Being loaded, or done: nothing about it can be changed now."""

    code: ClassVar[str] = "upload_busy"
    status: ClassVar[int] = 409


class UploadForgotten(UploadRefused):
    """Its file was deleted after a while."""

    code: ClassVar[str] = "upload_forgotten"
    status: ClassVar[int] = 410


class ColumnNeeded(UploadRefused):
    """A column without which nothing can be loaded is not chosen; `field` names its meaning."""

    code: ClassVar[str] = "column_needed"


class ColumnNotInFile(UploadRefused):
    """A column was chosen that the file does not have; `field` names its meaning."""

    code: ClassVar[str] = "column_not_in_file"


class EditionExists(UploadRefused):
    """The level has an edition of this name already; `field` is `release`."""

    code: ClassVar[str] = "edition_exists"
    status: ClassVar[int] = 409


class CrsNeeded(UploadRefused):
    """The coordinates are no longitudes and latitudes; `field` is `crs`."""

    code: ClassVar[str] = "crs_needed"


class NothingUsable(UploadRefused):
    """None of the first rows could be read with these columns."""

    code: ClassVar[str] = "nothing_usable"
