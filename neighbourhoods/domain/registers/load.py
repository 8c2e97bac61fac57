"""Load an uploaded register into the territory, all of it or nothing."""

from __future__ import annotations

import tempfile
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from layers.errors import Refusal
from neighbourhoods.domain.registers.choices import CHANGEABLE, Extent, busy, choices_of, require_new_edition
from neighbourhoods.domain.registers.errors import UploadForgotten
from neighbourhoods.domain.registers.files import file_on_disk
from neighbourhoods.domain.registers.locks import take_turn, take_upload
from neighbourhoods.domain.registers.options import fields_of, format_of, reading_options
from neighbourhoods.domain.registers.progress import RowTicker, side_connection
from neighbourhoods.domain.registers.refused_rows import write_refused_rows
from neighbourhoods.domain.registers.sentences import in_the_wizards_words
from neighbourhoods.domain.registers.summary import FileSummary
from neighbourhoods.enums import RegisterKind, UploadState
from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.load_districts import import_districts
from neighbourhoods.importers.load_streets import import_streets
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.closing import Closing
from neighbourhoods.models import RegisterUpload

MOST_ATTEMPTS = 3
_CLOSING = {Extent.PART: Closing.NOTHING, Extent.WHOLE: Closing.GUARDED, Extent.MOSTLY_GONE: Closing.MANY}


class Outcome(Enum):
    """What became of one attempt."""

    LOADED = "loaded"
    REFUSED = "refused"
    NOT_ITS_TURN = "not its turn"
    """Another register is being loaded: try again in a moment."""
    NOTHING_TO_DO = "nothing to do"
    """Done, cancelled or deleted meanwhile, or another process has it."""


def request_loading(*, upload: RegisterUpload) -> RegisterUpload:
    """Put the upload in line; the caller hands it to the worker after commit. Asked twice, it waits once.

    Raises UploadBusy where there is nothing to load.
    """
    values = {"state": UploadState.WAITING, "attempts": 0, "step": "", "rows_done": 0, "rows_total": None}
    values |= {"refusal": "", "refusal_code": "", "report": None, "finished_at": None, "changed_at": timezone.now()}
    done = RegisterUpload.objects.filter(pk=upload.pk, state__in=CHANGEABLE).exclude(file="").update(**values)
    upload.refresh_from_db()
    if not done and upload.state not in (UploadState.WAITING, UploadState.LOADING, UploadState.LOADED):
        raise busy(upload)
    return upload


def load_upload(*, upload_id: int) -> Outcome:
    """Load a waiting upload, one at a time in the whole system; for the worker, and safe to run again after a kill.

    Everything, the upload's own last word included, is one transaction; only the progress is written beside it. A
    process that dies leaves the territory as it was and the upload in the state “loading” with nobody working on it
    (`locks.is_worked_on`). What was begun three times is given up.
    """
    with side_connection() as side, transaction.atomic():
        if not take_upload(upload_id):
            return Outcome.NOTHING_TO_DO
        if not take_turn():
            return Outcome.NOT_ITS_TURN
        upload = _begin(upload_id, side)
        if upload is None:
            return Outcome.NOTHING_TO_DO
        with translation.override(upload.language or settings.LANGUAGE_CODE):
            return _load(upload, side)


def _begin(upload_id: int, side: BaseDatabaseWrapper) -> RegisterUpload | None:
    """Mark the upload as loading, visibly at once; None where there is nothing to do any more."""
    with side.cursor() as cursor:
        cursor.execute(
            f"UPDATE {RegisterUpload._meta.db_table} SET state = %s, attempts = attempts + 1, changed_at = now(), "
            "step = '', rows_done = 0, rows_total = NULL WHERE id = %s AND state IN (%s, %s)",
            [UploadState.LOADING, upload_id, UploadState.WAITING, UploadState.LOADING],
        )
        if not cursor.rowcount:
            return None
    return RegisterUpload.objects.get(pk=upload_id)


def _load(upload: RegisterUpload, side: BaseDatabaseWrapper) -> Outcome:
    if upload.attempts > MOST_ATTEMPTS:
        given_up = _(
            "Loading stopped %(count)s times before its end. Nothing was changed. Ask whoever runs the server: "
            "the file may need more memory or disk than there is."
        ) % {"count": MOST_ATTEMPTS}
        _end(upload, UploadState.REFUSED, code="loading_interrupted", sentence=given_up)
        return Outcome.REFUSED
    with tempfile.TemporaryDirectory(prefix="register-") as folder:
        report = ImportReport(refused_file=Path(folder) / "refused.csv")
        refusal: Refusal | None = None
        try:
            with file_on_disk(upload) as path:
                try:
                    with report, transaction.atomic():
                        _import(upload, path, report, RowTicker(upload.pk, side, expected_rows=_rows_of(upload)))
                except Refusal as refused:
                    refusal = refused
                _keep_refused_rows(upload, path, report)
        except UploadForgotten as forgotten:
            refusal = forgotten
    if refusal:
        _end(upload, UploadState.REFUSED, report, code=refusal.code, sentence=in_the_wizards_words(refusal, upload))
        return Outcome.REFUSED
    _end(upload, UploadState.LOADED, report)
    return Outcome.LOADED


def _import(upload: RegisterUpload, path: Path, report: ImportReport, ticker: RowTicker) -> None:
    said = choices_of(upload)
    if upload.kind == RegisterKind.ADDRESSES:
        import_addresses(
            path,
            format_name=format_of(upload),
            report=report,
            options=reading_options(upload),
            source=said.source,
            closing=_CLOSING[Extent(said.extent)],
            ticker=ticker,
        )
    elif upload.kind == RegisterKind.STREETS:
        import_streets(
            path,
            fields=fields_of(said),
            report=report,
            source=said.source,
            closing=_CLOSING[Extent(said.extent)],
            layer=said.layer,
            encoding=said.encoding,
            crs=said.crs,
            ticker=ticker,
        )
    else:
        require_new_edition(level=said.level, release=said.release)
        import_districts(
            path,
            level_name=said.level,
            release_name=said.release,
            fields=fields_of(said),
            report=report,
            layer=said.layer,
            encoding=said.encoding,
            crs=said.crs,
            ticker=ticker,
        )


def _rows_of(upload: RegisterUpload) -> int | None:
    return FileSummary.of(upload).rows


def _keep_refused_rows(upload: RegisterUpload, path: Path, report: ImportReport) -> None:
    """Put the list of refused rows where the agent can fetch it; the name is written with the last word."""
    if not report.refused or report.refused_file is None:
        return
    with tempfile.TemporaryFile("w+b") as listed:
        write_refused_rows(listed, refused=report.refused_file, upload=upload, path=path)
        listed.seek(0)
        upload.refused_file.save("refused.csv", File(listed), save=False)


def _end(
    upload: RegisterUpload,
    state: UploadState,
    report: ImportReport | None = None,
    *,
    code: str = "",
    sentence: str = "",
) -> None:
    """The upload's last word, in the transaction of what was loaded."""
    RegisterUpload.objects.filter(pk=upload.pk).update(
        state=state,
        report=report.as_json() if report else None,
        refused_file=upload.refused_file.name or "",
        refusal_code=code,
        refusal=sentence,
        finished_at=timezone.now(),
        changed_at=timezone.now(),
        step="",
    )
