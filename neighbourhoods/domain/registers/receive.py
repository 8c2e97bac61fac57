"""Take in a register that an agent sends, and let go of it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from neighbourhoods.domain.registers.choices import busy
from neighbourhoods.domain.registers.errors import UploadEmpty, UploadNotKept, UploadTooLarge, UploadUnknown
from neighbourhoods.domain.registers.summary import FileSummary
from neighbourhoods.enums import UploadState
from neighbourhoods.models import RegisterUpload

FOLDER = "uploads/registers"


def largest_upload_bytes() -> int:
    """How large a file may be, in bytes."""
    return int(settings.REGISTER_UPLOAD_MAX_MB) * 1_000_000


def too_large() -> UploadTooLarge:
    """The sentence for a file that is too large."""
    return UploadTooLarge(
        _("This file is larger than %(limit)s MB. Send it in parts, or ask whoever runs the server to load it.")
        % {"limit": settings.REGISTER_UPLOAD_MAX_MB},
        field="file",
    )


def receive_upload(*, kind: str, file: UploadedFile[Any], user: Any, language: str) -> RegisterUpload:
    """Keep the file and a row that knows it; nothing of it is read yet.

    Raises UploadEmpty, UploadTooLarge, and UploadNotKept where the disk has no room.
    """
    if not file.size:
        raise UploadEmpty(_("This file is empty. Choose another one."), field="file")
    if file.size > largest_upload_bytes():
        raise too_large()
    upload = RegisterUpload(
        kind=kind,
        original_name=(file.name or "register")[-200:],
        size_bytes=file.size,
        uploaded_by=user,
        language=language,
    )
    try:
        upload.file.save("register", file, save=False)
    except OSError as error:
        raise not_kept() from error
    upload.save()
    return upload


def not_kept() -> UploadNotKept:
    """The sentence for a file that the server could not write."""
    return UploadNotKept(
        _("The server could not keep this file; its disk may be full. Tell whoever runs it, then send it again."),
        field="file",
    )


def get_upload(pk: int) -> RegisterUpload:
    """Give the upload with this id; raises UploadUnknown. The caller has made sure that it is an agent who asks."""
    upload = RegisterUpload.objects.select_related("uploaded_by").filter(pk=pk).first() if pk < 2**63 else None
    if upload is None:
        raise UploadUnknown(_("There is no such file; perhaps it was deleted."))
    return upload


def cancel_upload(*, upload: RegisterUpload) -> RegisterUpload:
    """Give the upload up before it is loaded: its file is deleted, its row stays in the list. Raises UploadBusy."""
    states = [UploadState.RECEIVED, UploadState.UNREADABLE, UploadState.READY, UploadState.WAITING, UploadState.REFUSED]
    values = {"state": UploadState.CANCELLED, "finished_at": timezone.now(), "changed_at": timezone.now()}
    done = RegisterUpload.objects.filter(pk=upload.pk, state__in=states).update(**values)
    upload.refresh_from_db()
    if done:
        _forget(upload)
    elif upload.state != UploadState.CANCELLED:
        raise busy(upload)
    return upload


def forget_old_uploads() -> int:
    """Delete the files of uploads that ended REGISTER_FILES_KEPT_DAYS ago or were left alone as long; how many.

    What was loaded, the rows and their reports stay. What a killed process left in the folder goes, too.
    """
    before = timezone.now() - timedelta(days=settings.REGISTER_FILES_KEPT_DAYS)
    at_work = (UploadState.WAITING, UploadState.LOADING)
    old = (
        RegisterUpload.objects.filter(changed_at__lt=before)
        .exclude(file="", refused_file="")
        .exclude(state__in=at_work)
    )
    count = 0
    for upload in old:
        _forget(upload)
        count += 1
    _delete_strays()
    return count


def _forget(upload: RegisterUpload) -> None:
    """Only the titles of the columns stay: by them the next file of the register is known again.

    The row first: a name that is gone may still have its file, which `_delete_strays` finds.
    """
    names = [name for name in (upload.file.name, upload.refused_file.name) if name]
    titles = {"columns": [[column.name, []] for column in FileSummary.of(upload).columns]}
    description = {**(upload.description or {}), **titles, "first": [], "shapes": []}
    RegisterUpload.objects.filter(pk=upload.pk).update(file="", refused_file="", description=description)
    upload.refresh_from_db()

    def delete() -> None:
        for name in names:
            default_storage.delete(name)

    transaction.on_commit(delete)


def _delete_strays() -> None:
    """Delete files, a day old, that no upload knows."""
    if not default_storage.exists(FOLDER):
        return
    known = set(RegisterUpload.objects.exclude(file="").values_list("file", flat=True))
    known |= set(RegisterUpload.objects.exclude(refused_file="").values_list("refused_file", flat=True))
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        if path not in known and default_storage.get_modified_time(path) < timezone.now() - timedelta(days=1):
            default_storage.delete(path)
