"""Photos are held, attached, shown to whom they may be shown, and gone when they are taken back."""

from __future__ import annotations

import io
import os
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.errors import TooOften
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.contributions import tasks
from geoparticipation.contributions.domain import (
    add_photo,
    attach_photos,
    hold_photo,
    remove_photo,
    withdraw_contribution,
)
from geoparticipation.contributions.domain.clear_photos import forget_lost_files
from geoparticipation.contributions.domain.hold_photo import HELD_FOR, forget_held_photos
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.errors import NotYours, PhaseClosed, ReasonMissing
from geoparticipation.contributions.models import Attachment, Contribution, HeldPhoto, PhotoRemoval
from geoparticipation.contributions.photos.errors import (
    PhotoGone,
    PhotoNotKept,
    PhotosClosed,
    TooManyPhotos,
    UnknownPhoto,
)
from tests.fixtures.question import MakeConsultation, Submit, actor_of, device_actor
from tests.layers.pictures.pictures import MARKER, four_colours, photo

pytestmark = pytest.mark.django_db

SENT = photo(four_colours(90, 60), lon=4.405, lat=50.8451)
OTHER = photo(four_colours(60, 90))


def files() -> list[str]:
    """Names of all kept files of photos."""
    folder = Path(default_storage.path("photos"))
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def names(*photos: Any) -> list[str]:
    return sorted(f"{photo.code}-{size}.jpg" for photo in photos for size in ("large", "small"))


def test_held_photo_becomes_part_of_the_idea_and_forgets_where_it_was_taken(submit: Submit, citizen: User) -> None:
    actor = actor_of(citizen)
    held = hold_photo(actor=actor, content=SENT)
    assert held.taken_at is not None
    assert held.taken_at.coords == pytest.approx((4.405, 50.8451))
    idea = submit()

    attached = attach_photos(actor=actor, contribution=idea, photos=[(held.code, "  A <b>bench</b>\n ")])

    assert [(one.position, one.description, one.code, one.width, one.height) for one in attached] == [
        (1, "A <b>bench</b>", held.code, 90, 60)
    ]
    assert not HeldPhoto.objects.exists()
    assert files() == names(held)
    for path in Path(default_storage.path("photos")).rglob("*.jpg"):
        assert MARKER.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_only_who_sent_it_can_attach_it(submit: Submit, citizen: User, neighbour: User) -> None:
    held = hold_photo(actor=actor_of(neighbour), content=SENT)
    idea = submit()

    with pytest.raises(PhotoGone):
        attach_photos(actor=actor_of(citizen), contribution=idea, photos=[(held.code, "")])
    with pytest.raises(NotYours):
        attach_photos(actor=actor_of(neighbour), contribution=idea, photos=[(held.code, "")])

    assert HeldPhoto.objects.get().code == held.code


def test_photo_of_a_visitor_is_theirs_after_signing_in(
    make_consultation: MakeConsultation, submit: Submit, citizen: User
) -> None:
    visitor = device_actor()
    held = hold_photo(actor=visitor, content=SENT)
    signed_in = Actor(user=citizen, device=visitor.device, level=actor_of(citizen).level)
    idea = submit()

    attach_photos(actor=signed_in, contribution=idea, photos=[(held.code, "")])

    assert idea.photos.get().code == held.code


def test_same_picture_is_attached_once_and_four_at_the_most(
    submit: Submit, citizen: User, django_capture_on_commit_callbacks: Any
) -> None:
    actor, idea = actor_of(citizen), submit()
    first, same = hold_photo(actor=actor, content=SENT), hold_photo(actor=actor, content=SENT)
    with django_capture_on_commit_callbacks(execute=True):
        attach_photos(actor=actor, contribution=idea, photos=[(first.code, ""), (same.code, "")])
    assert files() == names(first)
    assert add_photo(actor=actor, contribution=idea, content=SENT).code == first.code
    assert files() == names(first)

    Attachment.objects.bulk_create(
        Attachment(contribution=idea, position=position, width=1, height=1, sha256=str(position))
        for position in (2, 3, 4)
    )
    with pytest.raises(TooManyPhotos):
        add_photo(actor=actor, contribution=idea, content=OTHER)
    more = hold_photo(actor=actor, content=OTHER)
    with pytest.raises(TooManyPhotos):
        attach_photos(actor=actor, contribution=idea, photos=[(more.code, "")])
    assert idea.photos.count() == 4


@pytest.mark.parametrize("rule", ModerationRule.values)
@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.PUBLISHED, Status.HIDDEN, Status.WITHDRAWN])
def test_photos_never_go_past_a_moderator(
    rule: str, status: str, make_consultation: MakeConsultation, submit: Submit, citizen: User
) -> None:
    actor = actor_of(citizen)
    idea = submit(into=make_consultation(moderation=rule))
    Contribution.objects.filter(pk=idea.pk).update(status=status, reviewed_at=timezone.now())
    held = hold_photo(actor=actor, content=SENT)
    takes_it = status == Status.SUBMITTED or (status == Status.PUBLISHED and rule == ModerationRule.AFTER)

    if takes_it:
        attach_photos(actor=actor, contribution=idea, photos=[(held.code, "")])
        idea.refresh_from_db()
        assert idea.reviewed_at is None
    else:
        with pytest.raises(PhotosClosed):
            attach_photos(actor=actor, contribution=idea, photos=[(held.code, "")])
        assert not idea.photos.exists()


def test_photos_are_not_added_when_the_phase_is_over(submit: Submit, citizen: User) -> None:
    idea = submit()
    idea.phase.ends_at = timezone.now() - timedelta(minutes=1)
    idea.phase.save()

    with pytest.raises(PhaseClosed):
        add_photo(actor=actor_of(citizen), contribution=idea, content=SENT)
    assert files() == []


def test_attaching_takes_the_same_queries_whatever_the_number(
    submit: Submit, citizen: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actor, idea = actor_of(citizen), submit()
    for pictures in ([SENT], [OTHER, photo(four_colours(70, 70))]):
        held = [(hold_photo(actor=actor, content=content).code, "") for content in pictures]
        with django_assert_num_queries(8):  # savepoint and its release among them
            attach_photos(actor=actor, contribution=idea, photos=held)


def test_too_many_photos_an_hour(settings: Any, citizen: User) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "photo": 1}
    settings.RATE_FACTOR_CONFIRMED = 1
    actor = Actor(user=citizen, level=actor_of(citizen).level, source="somewhere")
    hold_photo(actor=actor, content=SENT)

    with pytest.raises(TooOften):
        hold_photo(actor=actor, content=SENT)


def test_where_photos_cannot_be_kept_nothing_is_left_behind(settings: Any, tmp_path: Path, citizen: User) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "photos").write_text("where the folder should be")

    with pytest.raises(PhotoNotKept):
        hold_photo(actor=actor_of(citizen), content=SENT)
    assert not HeldPhoto.objects.exists()


# --- Who sees it ------------------------------------------------------------------------------------------------------

EVERYBODY = {"agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider", "visitor"}
SEEN_BY = {
    Status.SUBMITTED: {"agent", "moderator", "citizen"},
    Status.PUBLISHED: EVERYBODY,
    Status.HIDDEN: {"agent", "moderator", "citizen"},
    Status.DRAFT: {"citizen"},
}


@pytest.mark.parametrize("status", SEEN_BY)
@pytest.mark.parametrize("of", ["idea", "comment"])
def test_photo_is_seen_by_who_may_see_what_it_belongs_to(
    status: str, of: str, submit: Submit, cast: dict[str, User]
) -> None:
    actor = actor_of(cast["citizen"])
    thing = submit() if of == "idea" else submit(parent=submit(actor=actor_of(cast["neighbour"])), body="Yes")
    shown = add_photo(actor=actor, contribution=thing, content=SENT)
    Contribution.objects.filter(pk=thing.pk).update(status=status)
    seen = set()

    for name in EVERYBODY:
        client = Client()
        if name != "visitor":
            client.force_login(cast[name])
        response = client.get(f"/photos/{shown.code}/small")
        if response.status_code == 200:
            seen.add(name)
            if status == Status.PUBLISHED:
                assert response["Cache-Control"] == "public, max-age=300"
                assert "Cookie" not in response.get("Vary", "")
            else:
                assert response["Cache-Control"] == "private, no-store"
        else:
            assert response.status_code == 404

    assert seen == SEEN_BY[Status(status)]


def test_photo_below_a_hidden_idea_is_hidden(submit: Submit, citizen: User, neighbour: User, client: Client) -> None:
    idea = submit(actor=actor_of(neighbour))
    shown = add_photo(actor=actor_of(citizen), contribution=submit(parent=idea, body="Yes"), content=SENT)
    assert client.get(f"/photos/{shown.code}/large").status_code == 200

    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)

    assert client.get(f"/photos/{shown.code}/large").status_code == 404


def test_picture_is_a_picture_and_nothing_else(submit: Submit, citizen: User, client: Client) -> None:
    shown = add_photo(actor=actor_of(citizen), contribution=submit(), content=SENT)

    response = client.get(f"/photos/{shown.code}/large")

    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == f'inline; filename="photo-{shown.code.hex[:8]}-large.jpg"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    content = b"".join(response)
    assert Image.open(io.BytesIO(content)).size == (90, 60)
    again = client.get(f"/photos/{shown.code}/large", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "public, max-age=300"
    for wrong in (f"/photos/{shown.code}/huge", f"/photos/{uuid.uuid4()}/large"):
        assert client.get(wrong).status_code == 404


def test_hidden_picture_is_not_confirmed_by_its_etag(submit: Submit, citizen: User, client: Client) -> None:
    idea = submit()
    shown = add_photo(actor=actor_of(citizen), contribution=idea, content=SENT)
    etag = client.get(f"/photos/{shown.code}/large")["ETag"]
    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)

    assert client.get(f"/photos/{shown.code}/large", headers={"If-None-Match": etag}).status_code == 404


def test_public_picture_takes_two_queries(
    submit: Submit, citizen: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shown = add_photo(actor=actor_of(citizen), contribution=submit(), content=SENT)
    client.force_login(citizen)

    with django_assert_num_queries(2):
        client.get(f"/photos/{shown.code}/small")


def test_held_photo_is_seen_by_who_sent_it(citizen: User, neighbour: User, moderator: User) -> None:
    held = hold_photo(actor=actor_of(citizen), content=SENT)
    answers = {}
    for user in (citizen, neighbour, moderator):
        client = Client()
        client.force_login(user)
        answers[user.name] = client.get(f"/photos/{held.code}/small").status_code

    assert answers == {"Citizen": 200, "Neighbour": 404, "Moderator": 404}


# --- Gone -------------------------------------------------------------------------------------------------------------


def test_taking_back_an_idea_takes_its_photos_back(
    submit: Submit, citizen: User, django_capture_on_commit_callbacks: Any
) -> None:
    idea, other = submit(), submit(title="Another")
    add_photo(actor=actor_of(citizen), contribution=idea, content=SENT)
    kept = add_photo(actor=actor_of(citizen), contribution=other, content=SENT)

    with django_capture_on_commit_callbacks() as after:
        withdraw_contribution(actor=actor_of(citizen), contribution=idea)
        assert len(files()) == 4
    for deletion in after:
        deletion()

    assert list(Attachment.objects.all()) == [kept]
    assert files() == names(kept)


def test_moderator_takes_one_photo_off_with_a_reason_that_the_author_reads(
    submit: Submit, citizen: User, moderator: User, neighbour: User, django_capture_on_commit_callbacks: Any
) -> None:
    idea = submit()
    photos = [add_photo(actor=actor_of(citizen), contribution=idea, content=content) for content in (SENT, OTHER)]
    with pytest.raises(NotYours):
        remove_photo(actor=actor_of(neighbour), photo=photos[0], reason="Mine")
    with pytest.raises(ReasonMissing):
        remove_photo(actor=actor_of(moderator), photo=photos[0], reason="  ")

    with django_capture_on_commit_callbacks(execute=True):
        removal = remove_photo(actor=actor_of(moderator), photo=photos[0], reason="One sees a face.")
    with pytest.raises(UnknownPhoto):
        remove_photo(actor=actor_of(moderator), photo=photos[0], reason="Again")

    assert files() == names(photos[1])
    assert (removal.removed_by, removal.reason, removal.by_author) == (moderator, "One sees a face.", False)
    tasks.send_photo_removed(removal_id=removal.pk)
    (letter,) = mail.outbox
    assert letter.to == [citizen.email]
    assert "One sees a face." in letter.body


def test_author_takes_one_photo_off_without_a_reason(submit: Submit, citizen: User) -> None:
    idea = submit()
    shown = add_photo(actor=actor_of(citizen), contribution=idea, content=SENT)

    remove_photo(actor=actor_of(citizen), photo=shown)

    assert not idea.photos.exists()
    assert PhotoRemoval.objects.get().by_author


def test_held_photos_are_forgotten_after_a_day(citizen: User, django_capture_on_commit_callbacks: Any) -> None:
    old, fresh = (hold_photo(actor=actor_of(citizen), content=SENT) for _each in range(2))
    HeldPhoto.objects.filter(pk=old.pk).update(created_at=timezone.now() - HELD_FOR - timedelta(minutes=1))

    with django_capture_on_commit_callbacks(execute=True):
        assert forget_held_photos() == 1

    assert files() == names(fresh)


def test_lost_files_are_deleted_and_known_and_fresh_ones_are_not(submit: Submit, citizen: User) -> None:
    shown = add_photo(actor=actor_of(citizen), contribution=submit(), content=SENT)
    held = hold_photo(actor=actor_of(citizen), content=OTHER)
    lost, just_written = uuid.uuid4(), uuid.uuid4()
    for name in (f"{lost}-large.jpg", ".partial-0123", f"{just_written}-large.jpg"):
        default_storage.save(f"photos/ab/{name}", ContentFile(b"x"))
    yesterday = (timezone.now() - timedelta(days=2)).timestamp()
    for path in Path(default_storage.path("photos")).rglob("*"):
        if path.is_file() and str(just_written) not in path.name:
            os.utime(path, (yesterday, yesterday))

    assert forget_lost_files() == 2

    assert files() == sorted([*names(shown), *names(held), f"{just_written}-large.jpg"])


def test_deleted_contribution_leaves_files_that_are_found(submit: Submit, citizen: User) -> None:
    idea = submit()
    add_photo(actor=actor_of(citizen), contribution=idea, content=SENT)
    idea.delete()
    yesterday = (timezone.now() - timedelta(days=2)).timestamp()
    for path in Path(default_storage.path("photos")).rglob("*.jpg"):
        os.utime(path, (yesterday, yesterday))

    tasks.clear_photos(timestamp=0)

    assert files() == []
