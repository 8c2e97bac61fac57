"""What the worker does with uploaded registers. Each task can be run again: what is done already is not done twice."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from neighbourhoods.domain.registers import Outcome, describe_upload, forget_old_uploads, load_upload
from neighbourhoods.domain.registers.locks import uploads_worked_on
from neighbourhoods.enums import UploadState
from neighbourhoods.models import RegisterUpload

_NEXT_TRY_S = 5
_LEFT_ALONE = timedelta(seconds=30)
"""How long an upload has been without anybody working on it when it is taken up again."""


@app.task
def describe_register(upload_id: int) -> None:
    """Look into a large file, so that no web request waits for it."""
    describe_upload(upload_id=upload_id)


@app.task
def load_register(upload_id: int) -> None:
    """Load a register; while another one is being loaded, come back in a moment."""
    if load_upload(upload_id=upload_id) is Outcome.NOT_ITS_TURN:
        load_register.configure(schedule_in={"seconds": _NEXT_TRY_S}).defer(upload_id=upload_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_registers", pass_context=False)
def take_up_registers(timestamp: int) -> None:
    """Every minute, take up what a process that was killed has left, or what was never handed to a worker."""
    left = RegisterUpload.objects.filter(
        state__in=(UploadState.RECEIVED, UploadState.WAITING, UploadState.LOADING),
        changed_at__lt=timezone.now() - _LEFT_ALONE,
    ).values_list("pk", "state")
    at_work = uploads_worked_on()
    for pk, state in left:
        if pk in at_work:
            continue
        task = describe_register if state == UploadState.RECEIVED else load_register
        try:
            task.configure(queueing_lock=f"take_up_register-{pk}").defer(upload_id=pk)
        except AlreadyEnqueued:
            continue


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="forget_registers", pass_context=False)
def forget_registers(timestamp: int) -> None:
    """Every night, delete the files of registers that were loaded or left a while ago."""
    forget_old_uploads()
