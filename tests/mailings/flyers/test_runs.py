"""Flyers written by the worker: stopped at a checkpoint, gone on with, refused twice at once."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.flyers import runs
from geoparticipation.mailings.domain.flyers import write_flyers as writing
from geoparticipation.mailings.domain.flyers.design import change_flyer_design, design_of
from geoparticipation.mailings.domain.flyers.runs import (
    cancel_flyers,
    forget_flyers,
    request_flyers,
    resume_flyers,
    write_run,
)
from geoparticipation.mailings.domain.flyers.write_flyers import write_flyers
from geoparticipation.mailings.enums import FlyerRunState
from geoparticipation.mailings.errors import FlyersBeingWritten
from geoparticipation.mailings.models import FlyerRun
from tests.layers.pictures.pictures import four_colours, photo
from tests.mailings.flyers.conftest import MakeMailing

pytestmark = pytest.mark.django_db


def test_run_that_was_stopped_goes_on_to_the_same_file(
    make_town_mailing: MakeMailing, agent: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PAGES_BETWEEN_CHECKPOINTS", 10)
    mailing = make_town_mailing(30)
    run = request_flyers(mailing=mailing, user=agent)
    stored = writing._store

    def stop_at_twenty(*given: Any) -> None:
        stored(*given)
        if given[-1].pages >= 20:
            cancel_flyers(run=run)

    with monkeypatch.context() as patched:
        patched.setattr(writing, "_store", stop_at_twenty)
        stopped = write_run(run_id=run.pk)
    assert stopped is not None
    assert (stopped.state, stopped.pages_written, stopped.file) == (FlyerRunState.CANCELLED, 10, "")

    resume_flyers(run=run)
    ready = write_run(run_id=run.pk)

    assert ready is not None
    assert (ready.state, ready.pages_written, ready.pages_total) == (FlyerRunState.READY, 42, 42)
    write_flyers(design=design_of(mailing), path=tmp_path / "unbroken.pdf")
    assert default_storage.open(ready.file).read() == (tmp_path / "unbroken.pdf").read_bytes()
    assert write_run(run_id=run.pk) is None


def test_flyers_of_a_mailing_are_written_once_at_a_time(make_town_mailing: MakeMailing, agent: User) -> None:
    mailing = make_town_mailing()
    first = request_flyers(mailing=mailing, user=agent)
    with pytest.raises(FlyersBeingWritten):
        request_flyers(mailing=mailing, user=agent)
    cancel_flyers(run=first)
    request_flyers(mailing=mailing, user=agent)
    with pytest.raises(FlyersBeingWritten):
        resume_flyers(run=first)


def test_refusal_is_kept_for_the_person(make_town_mailing: MakeMailing, agent: User, settings: Any) -> None:
    run = request_flyers(mailing=make_town_mailing(), user=agent)
    settings.PRIVACY_KEY = "another key"

    write_run(run_id=run.pk)

    failed = FlyerRun.objects.get()
    assert failed.state == FlyerRunState.FAILED
    assert "PRIVACY_KEY" in failed.reason


def test_file_is_removed_when_its_days_are_over(make_town_mailing: MakeMailing, agent: User, settings: Any) -> None:
    mailing = make_town_mailing()
    for finished in range(2):
        run = request_flyers(mailing=mailing, user=agent)
        write_run(run_id=run.pk)
        if not finished:
            FlyerRun.objects.update(expires_at=timezone.now())
    stopped = request_flyers(mailing=mailing, user=agent)
    cancel_flyers(run=stopped)

    assert forget_flyers() == 1

    kept, old = FlyerRun.objects.exclude(pk=stopped.pk)
    assert (old.state, old.file, old.size_bytes) == (FlyerRunState.EXPIRED, "", 0)
    assert (kept.state, default_storage.exists(kept.file)) == (FlyerRunState.READY, True)
    assert default_storage.listdir("flyers")[1] == [f"{kept.code}.pdf"]
    days = (kept.expires_at - kept.finished_at).days if kept.expires_at and kept.finished_at else None
    assert days == settings.FLYER_FILES_KEPT_DAYS

    FlyerRun.objects.filter(pk=stopped.pk).update(requested_at=timezone.now() - timedelta(days=15))
    assert forget_flyers() == 1
    stopped.refresh_from_db()
    assert stopped.state == FlyerRunState.EXPIRED


def test_pages_of_a_run_nobody_went_on_with_are_removed(
    make_town_mailing: MakeMailing, agent: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PAGES_BETWEEN_CHECKPOINTS", 5)
    run = request_flyers(mailing=make_town_mailing(), user=agent)
    stored = writing._store
    with monkeypatch.context() as patched:
        patched.setattr(writing, "_store", lambda *given: (stored(*given), cancel_flyers(run=run)))
        write_run(run_id=run.pk)
    unfinished = Path(settings.MEDIA_ROOT) / "flyers" / "unfinished"
    assert list(unfinished.iterdir())

    FlyerRun.objects.update(requested_at=timezone.now() - timedelta(days=15))
    forget_flyers()

    assert not list(unfinished.iterdir())


def test_worker_that_comes_too_early_leaves_the_run_to_the_first(make_town_mailing: MakeMailing, agent: User) -> None:
    run = request_flyers(mailing=make_town_mailing(), user=agent)
    at_once: list[str] = []

    def again(**given: Any) -> Any:
        # what happens when a job is thought lost while its worker still writes
        def told(done: int, in_all: int) -> None:
            if not at_once:
                second = write_run(run_id=run.pk)
                at_once.append(str(second.state) if second else "")
            given["on_progress"](done, in_all)

        return write_flyers(**{**given, "on_progress": told})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runs, "write_flyers", again)
        ready = write_run(run_id=run.pk)

    assert at_once == [FlyerRunState.RUNNING]
    assert ready is not None
    assert ready.state == FlyerRunState.READY


def test_files_that_belong_to_nothing_are_removed_after_a_day(make_town_mailing: MakeMailing, settings: Any) -> None:
    mailing = make_town_mailing()
    used = change_flyer_design(mailing=mailing, wanted={}, pictures={"logo": photo(four_colours(8, 4))}).logo
    names = [default_storage.save(name, ContentFile(b"x")) for name in ("flyers/a.pdf", "flyer-pictures/a.jpg")]
    fresh = default_storage.save("flyers/b.pdf", ContentFile(b"x"))
    yesterday = time.time() - 90_000
    for name in (used, *names):
        os.utime(Path(settings.MEDIA_ROOT) / name, (yesterday, yesterday))

    forget_flyers()

    assert [default_storage.exists(name) for name in (*names, fresh, used)] == [False, False, True, True]
