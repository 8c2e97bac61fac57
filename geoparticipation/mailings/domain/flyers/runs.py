"""Flyers written by the worker: asked for, followed, stopped, gone on with."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import override

from geoparticipation.mailings.domain.flyers.design import design_of
from geoparticipation.mailings.domain.flyers.pages import ONE_BY_ONE, PrintOptions
from geoparticipation.mailings.domain.flyers.pictures import FOLDER as PICTURES_FOLDER
from geoparticipation.mailings.domain.flyers.sequence import flyers_by_round
from geoparticipation.mailings.domain.flyers.write_flyers import (
    FlyersCancelled,
    Written,
    unfinished_folder,
    write_flyers,
)
from geoparticipation.mailings.enums import FlyerRunState
from geoparticipation.mailings.errors import FlyersBeingWritten
from geoparticipation.mailings.models import FlyerDesign, FlyerRun, Mailing
from layers.errors import Refusal

FOLDER: Final = "flyers"
_PENDING: Final = (FlyerRunState.WAITING, FlyerRunState.RUNNING)


def request_flyers(*, mailing: Mailing, user: Any, options: PrintOptions = ONE_BY_ONE) -> FlyerRun:
    """Have the worker write the flyers of a mailing.

    Raises FlyersBeingWritten while others of it are being written, NoRounds, RoundsIncomplete.
    """
    flyers_by_round(mailing, options.order)
    try:
        with transaction.atomic():
            run = FlyerRun.objects.create(mailing=mailing, requested_by=user, **asdict(options))
            _queue(run)
    except IntegrityError:
        raise FlyersBeingWritten from None
    return run


def cancel_flyers(*, run: FlyerRun) -> None:
    """Stop a run at its next checkpoint; its pages are kept. Nothing happens to one that is over."""
    FlyerRun.objects.filter(pk=run.pk, state__in=_PENDING).update(state=FlyerRunState.CANCELLED)


def resume_flyers(*, run: FlyerRun) -> None:
    """Go on with a run that was stopped or failed. Raises FlyersBeingWritten while another one of its mailing runs."""
    try:
        with transaction.atomic():
            stopped = FlyerRun.objects.filter(pk=run.pk, state__in=[FlyerRunState.CANCELLED, FlyerRunState.FAILED])
            if stopped.update(state=FlyerRunState.WAITING, reason=""):
                _queue(run)
    except IntegrityError:
        raise FlyersBeingWritten from None


def _queue(run: FlyerRun) -> None:
    # The queue is in the same database: the job is there if and only if the row is.
    from geoparticipation.mailings.tasks import write_flyer_run

    write_flyer_run.configure(lock=f"flyers-{run.pk}").defer(run_id=run.pk)


def write_run(*, run_id: int) -> FlyerRun | None:
    """Write the file of a run, or go on with it; None where there is nothing (more) to do. May be run again any time.

    A refusal is kept in the row for the person to read.
    """
    related = ("mailing__consultation", "mailing__target", "requested_by")
    run = FlyerRun.objects.select_related(*related).filter(pk=run_id).first()
    if run is None or run.state not in _PENDING:
        return None
    FlyerRun.objects.filter(pk=run.pk, state__in=_PENDING).update(state=FlyerRunState.RUNNING)
    try:
        with override(run.requested_by.language if run.requested_by else settings.LANGUAGE_CODE):
            written = _write(run)
    except (FlyersCancelled, FlyersBeingWritten):  # stopped, or another worker is at it
        pass
    except Refusal as refusal:
        give_up_flyers(run_id=run.pk, reason=str(refusal.detail))
    else:
        _keep(run, written)
    return FlyerRun.objects.filter(pk=run.pk).first()


def _unfinished(run: FlyerRun) -> Path:
    folder = Path(settings.MEDIA_ROOT) / FOLDER / "unfinished"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{run.code}.pdf"


def _write(run: FlyerRun) -> Written:
    def tell(done: int, in_all: int) -> None:
        going_on = FlyerRun.objects.filter(pk=run.pk, state=FlyerRunState.RUNNING)
        if not going_on.update(pages_written=done, pages_total=in_all):
            raise FlyersCancelled

    options = PrintOptions(bleed=run.bleed, on_a4=run.on_a4, order=run.order, with_covers=run.with_covers)
    return write_flyers(design=design_of(run.mailing), path=_unfinished(run), options=options, on_progress=tell)


def _keep(run: FlyerRun, written: Written) -> None:
    path, name = _unfinished(run), f"{FOLDER}/{run.code}.pdf"
    default_storage.delete(name)
    with path.open("rb") as file:
        kept = default_storage.save(name, File(file, name))
    now = timezone.now()
    known = FlyerRun.objects.filter(pk=run.pk, state=FlyerRunState.RUNNING).update(
        state=FlyerRunState.READY,
        file=kept,
        size_bytes=written.size_bytes,
        pages_written=written.pages,
        pages_total=written.pages,
        finished_at=now,
        expires_at=now + timedelta(days=settings.FLYER_FILES_KEPT_DAYS),
    )
    path.unlink()
    if not known:  # stopped or deleted meanwhile
        default_storage.delete(kept)


def give_up_flyers(*, run_id: int, reason: str) -> None:
    """Note for the person why there is no file; the pages so far are kept to go on with."""
    FlyerRun.objects.filter(pk=run_id, state__in=_PENDING).update(
        state=FlyerRunState.FAILED, reason=reason[:400], finished_at=timezone.now()
    )


def forget_flyers() -> int:
    """Remove files whose days are over, and pages of runs that nobody went on with; gives how many runs that were.

    The rows stay: who had which flyers written, and when. Files without a row go as well.
    """
    now = timezone.now()
    over = Q(state=FlyerRunState.READY, expires_at__lte=now) | Q(
        state__in=[FlyerRunState.CANCELLED, FlyerRunState.FAILED],
        requested_at__lte=now - timedelta(days=settings.FLYER_FILES_KEPT_DAYS),
    )
    forgotten = 0
    for run in FlyerRun.objects.filter(over).iterator(chunk_size=200):
        if not FlyerRun.objects.filter(pk=run.pk, state=run.state).update(
            state=FlyerRunState.EXPIRED, file="", size_bytes=0
        ):
            continue  # somebody goes on with it
        if run.file:
            default_storage.delete(run.file)
        _unfinished(run).unlink(missing_ok=True)
        shutil.rmtree(unfinished_folder(_unfinished(run)), ignore_errors=True)
        forgotten += 1
    _remove_files_without_row()
    return forgotten


def _remove_files_without_row() -> None:
    """What a kill or a deleted mailing left behind, once it is a day old."""
    designs = FlyerDesign.objects.values_list("picture", "logo")
    for folder, known in (
        (FOLDER, set(FlyerRun.objects.exclude(file="").values_list("file", flat=True))),
        (PICTURES_FOLDER, {name for names in designs for name in names}),
    ):
        try:
            _folders, names = default_storage.listdir(folder)
        except FileNotFoundError:
            continue
        for name in (f"{folder}/{one}" for one in names):
            if name not in known and default_storage.get_modified_time(name) < timezone.now() - timedelta(days=1):
                default_storage.delete(name)
