"""The uploaded file as one that programs can open."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from neighbourhoods.domain.registers.errors import UploadForgotten
from neighbourhoods.models import RegisterUpload

LONGEST_NAME = 120


def name_for_reading(original: str) -> str:
    """What the file is called in sentences: the name people know, without anything that leads out of its folder."""
    try:
        return get_valid_filename(Path(original.replace("\\", "/")).name).lstrip(".-")[-LONGEST_NAME:] or "register"
    except SuspiciousFileOperation:
        return "register"


@contextmanager
def file_on_disk(upload: RegisterUpload) -> Iterator[Path]:
    """A path to the file for as long as the block runs, copied there when the storage is another machine's.

    The name is for sentences only: what the file is, its first bytes say. Raises UploadForgotten.
    """
    if not upload.file:
        raise UploadForgotten(_("The file “%(name)s” was deleted. Send it again.") % {"name": upload.original_name})
    with tempfile.TemporaryDirectory(prefix="register-") as folder:
        path = Path(folder) / name_for_reading(upload.original_name)
        try:
            try:
                kept = Path(upload.file.path)
            except NotImplementedError:  # storage of another machine
                with upload.file.open("rb") as source, path.open("wb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
            else:
                if not kept.is_file():
                    raise FileNotFoundError(kept)
                path.symlink_to(kept.resolve())
        except FileNotFoundError:
            raise UploadForgotten(
                _("The file “%(name)s” is no longer on the server. Send it again.") % {"name": upload.original_name}
            ) from None
        yield path
