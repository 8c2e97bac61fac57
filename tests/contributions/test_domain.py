"""Taking in, supporting, changing: what is stored and what is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.domain.tokens import issue_token
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor, identity_level
from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.enums import ModerationRule, PhaseKind, PlacePrivacy
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions import tasks
from geoparticipation.contributions.domain import (
    change_status,
    give_support,
    submit_contribution,
    withdraw_contribution,
    withdraw_support,
)
from geoparticipation.contributions.enums import LocatedBy, Origin, Status
from geoparticipation.contributions.errors import (
    AlreadySpoken,
    CannotBeCommented,
    CannotBeSupported,
    NotYours,
    OutsideTarget,
    OutsideTerritory,
    PhaseClosed,
    PlaceMissing,
    ReasonMissing,
    StatusChangeNotAllowed,
)
from geoparticipation.contributions.models import Contribution, ContributionDistrict, StatusChange, Support
from geoparticipation.moderation.domain import decide
from geoparticipation.moderation.queries import queue_for
from layers.geometry import GeometryInvalid
from neighbourhoods.models import Target
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import IN_RUE_HAUTE, MakeConsultation, Submit, actor_of, device_actor
from tests.fixtures.tiny_town import EAST_BOX, WEST_BOX, TinyTown


def a_target(box: tuple[float, float, float, float]) -> Target:
    return Target.objects.create(name="box", geometry=MultiPolygon(Polygon.from_bbox(box), srid=4326))


def shares(contribution: Contribution) -> dict[str, float]:
    return {share.district.code: round(share.share, 3) for share in contribution.shares.select_related("district")}


# --- The place ----------------------------------------------------------------------------------------------------


def test_line_over_a_border_keeps_its_shares(submit: Submit, tiny_town: TinyTown) -> None:
    # 6 thousandths of a degree in West, 4 in East.
    line = submit(geometry=LineString((4.404, 50.846), (4.414, 50.846), srid=4326), located_by="drawn")

    assert shares(line) == {"TINY": 1.0, "W": 0.6, "E": 0.4}
    assert line.district == tiny_town.west


def put_in(consultation: Consultation, user: User, **said: Any) -> Contribution:
    return submit_contribution(actor=actor_of(user), consultation=consultation, kind="proposal", title="Here", **said)


def test_chosen_street_is_the_place(consultation: Consultation, citizen: User, tiny_town: TinyTown) -> None:
    idea = put_in(consultation, citizen, street=tiny_town.rue_basse)

    assert idea.geometry.coords == tiny_town.rue_basse.geometry.coords
    assert (idea.located_by, idea.street) == (LocatedBy.STREET, tiny_town.rue_basse)
    # From 4.4040 to 4.4145: 60 of 105 parts in West.
    assert shares(idea) == {"TINY": 1.0, "W": 0.571, "E": 0.429}


def test_chosen_street_without_a_line_is_where_its_letterboxes_are(
    consultation: Consultation, citizen: User, tiny_town: TinyTown
) -> None:
    tiny_town.rue_haute.geometry = None
    tiny_town.rue_haute.save()

    idea = put_in(consultation, citizen, street=tiny_town.rue_haute)

    assert (idea.geometry.geom_type, len(idea.geometry)) == ("MultiPoint", 6)


def test_chosen_district_is_the_place_however_large(
    make_consultation: MakeConsultation, citizen: User, tiny_town: TinyTown
) -> None:
    idea = put_in(make_consultation(max_area_m2=10), citizen, district=tiny_town.east)

    assert idea.geometry.coords == tiny_town.east.geometry.coords
    assert (idea.located_by, idea.district, idea.street) == (LocatedBy.DISTRICT, tiny_town.east, None)
    assert shares(idea) == {"TINY": 1.0, "E": 1.0}


def test_no_place_at_all_is_refused(consultation: Consultation, citizen: User) -> None:
    with pytest.raises(PlaceMissing):
        put_in(consultation, citizen)


def test_outside_the_territory_is_refused(submit: Submit) -> None:
    with pytest.raises(OutsideTerritory):
        submit(geometry=Point(5.0, 50.0, srid=4326))


def test_outside_the_target_is_refused_saying_where(submit: Submit, make_consultation: MakeConsultation) -> None:
    only_west = make_consultation(target=a_target(WEST_BOX), inside_target_only=True)

    assert submit(into=only_west).pk
    with pytest.raises(OutsideTarget) as refusal:
        submit(into=only_west, geometry=LineString((4.404, 50.846), (4.414, 50.846), srid=4326))
    assert refusal.value.extra["lon"] > 4.41
    submit(into=make_consultation(target=a_target(WEST_BOX)), geometry=Point(4.4153, 50.8465, srid=4326))


def test_point_on_the_border_of_the_target_is_inside(submit: Submit, make_consultation: MakeConsultation) -> None:
    only_east = make_consultation(target=a_target(EAST_BOX), inside_target_only=True)

    assert submit(into=only_east, geometry=Point(4.41, 50.845, srid=4326)).pk


def test_street_only_shows_the_street_of_what_was_chosen_or_is_nearest(
    submit: Submit, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    generalised = make_consultation(place_privacy=PlacePrivacy.STREET)

    idea = submit(into=generalised)
    comment = submit(into=generalised, parent=idea)

    assert idea.geometry.coords == IN_RUE_HAUTE
    for contribution in (idea, comment):
        assert contribution.public_geometry.coords == tiny_town.rue_haute.geometry.coords
    assert comment.located_by == LocatedBy.INHERITED
    assert shares(comment) == {"TINY": 1.0, "W": 1.0}


# --- One voice for one device ---------------------------------------------------------------------------------------


def test_device_speaks_once_a_question_and_again_after_withdrawing(submit: Submit) -> None:
    first = submit(actor=device_actor("a"))
    with pytest.raises(AlreadySpoken) as refusal:
        submit(actor=device_actor("a"))
    assert refusal.value.extra["earlier"] == str(first.code)
    assert submit(actor=device_actor("b")).pk

    withdraw_contribution(actor=Actor(device=first.device), contribution=first)

    assert submit(actor=device_actor("a")).pk


def test_device_comments_once_on_each_idea(submit: Submit) -> None:
    ideas = [submit(), submit()]
    for idea in ideas:
        assert submit(actor=device_actor("a"), parent=idea).pk
    with pytest.raises(AlreadySpoken):
        submit(actor=device_actor("a"), parent=ideas[0])


def test_unconfirmed_account_is_no_second_voice(submit: Submit, make_user: MakeUser) -> None:
    unconfirmed = make_user("new", confirmed=False)
    submit(actor=actor_of(unconfirmed))
    with pytest.raises(AlreadySpoken):
        submit(actor=actor_of(unconfirmed))
    submit(actor=device_actor("a"))
    other = make_user("newer", confirmed=False)
    with pytest.raises(AlreadySpoken):
        submit(actor=Actor(user=other, device=Device(key_hash="a" * 64), level=identity_level(other)))


def test_confirmed_person_speaks_as_often_as_they_like(submit: Submit) -> None:
    assert [submit(title=f"Idea {number}").device for number in range(3)] == [None, None, None]


def test_database_itself_refuses_a_second_idea_of_a_device(submit: Submit) -> None:
    first = submit(actor=device_actor("a"))
    copy = Contribution.objects.get(pk=first.pk)
    copy.pk, copy.code = None, None
    copy.code = Contribution._meta.get_field("code").default()
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


# --- Refusals leave nothing ------------------------------------------------------------------------------------------


BOWTIE = Polygon(((4.401, 50.841), (4.402, 50.842), (4.402, 50.841), (4.401, 50.842), (4.401, 50.841)))


@pytest.mark.parametrize(
    ("said", "refusal"), [({"geometry": BOWTIE}, GeometryInvalid), ({"kind": "comment"}, CannotBeCommented)]
)
@pytest.mark.usefixtures("empty_queue")
def test_refused_contribution_leaves_nothing(said: dict[str, Any], refusal: type[Exception], submit: Submit) -> None:
    with pytest.raises(refusal):
        submit(actor=device_actor("a"), **said)
    assert Contribution.objects.count() == Device.objects.count() == ProcrastinateJob.objects.count() == 0


def test_failure_on_the_way_leaves_nothing(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(ContributionDistrict.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        submit(actor=device_actor("a"))
    assert Contribution.objects.count() == Device.objects.count() == 0


def test_comment_answers_an_idea_of_the_same_consultation_that_is_online(
    submit: Submit, make_consultation: MakeConsultation
) -> None:
    idea = submit()
    comment = submit(parent=idea)
    with pytest.raises(CannotBeCommented):
        submit(parent=comment)
    with pytest.raises(CannotBeCommented):
        submit(parent=idea, into=make_consultation())
    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)
    idea.refresh_from_db()
    with pytest.raises(CannotBeCommented):
        submit(parent=idea)


@pytest.mark.parametrize("geometry", [Point(*IN_RUE_HAUTE, srid=4326), LineString((4.404, 50.846), (4.414, 50.846))])
def test_submission_takes_the_same_number_of_queries_whatever_the_place(
    geometry: Any, submit: Submit, django_assert_num_queries: DjangoAssertNumQueries, citizen: User
) -> None:
    actor = actor_of(citizen)
    # Phase; inside the town; the place; in a transaction (2 statements): contribution, shares, receipt.
    with django_assert_num_queries(8):
        submit(actor=actor, geometry=geometry)


# --- Support --------------------------------------------------------------------------------------------------------


def test_support_of_person_and_device(submit: Submit, neighbour: User, citizen: User) -> None:
    idea = submit()
    for actor in (actor_of(neighbour), actor_of(neighbour), device_actor("a"), device_actor("a"), actor_of(citizen)):
        give_support(actor=actor, contribution=idea)
    assert idea.support_count == 3 == Support.objects.count()
    # Who signs in on the device that supported already is not a second voice.
    device = Device.objects.get()
    outsider = Actor(user=neighbour, device=device, level=IdentityLevel.EMAIL)
    withdraw_support(actor=outsider, contribution=idea)
    assert idea.support_count == 1 == Support.objects.count()


def test_support_of_what_is_not_online_is_refused(submit: Submit, neighbour: User) -> None:
    idea = submit()
    for status in (Status.SUBMITTED, Status.DRAFT, Status.HIDDEN, Status.WITHDRAWN):
        Contribution.objects.filter(pk=idea.pk).update(status=status)
        with pytest.raises(CannotBeSupported):
            give_support(actor=actor_of(neighbour), contribution=idea)
    assert Support.objects.count() == 0


# --- Status ---------------------------------------------------------------------------------------------------------


def test_moderated_idea_waits_and_is_published(
    submit: Submit, make_consultation: MakeConsultation, moderator: User
) -> None:
    idea = submit(into=make_consultation(moderation=ModerationRule.BEFORE))
    assert idea.status == Status.SUBMITTED
    assert list(queue_for(moderator)) == [idea]

    decide(contribution=idea, moderator=moderator, to_status="published")

    assert idea.status == Status.PUBLISHED
    assert idea.reviewed_at is not None
    assert list(queue_for(moderator)) == []
    change = StatusChange.objects.get()
    assert (change.from_status, change.to_status, change.changed_by) == ("submitted", "published", moderator)


def test_queue_holds_what_is_online_and_not_read_after_what_waits(
    submit: Submit, make_consultation: MakeConsultation, moderator: User, citizen: User
) -> None:
    online = submit()
    waiting = submit(into=make_consultation(moderation=ModerationRule.BEFORE))
    assert list(queue_for(moderator)) == [waiting, online]
    assert list(queue_for(citizen)) == []

    decide(contribution=online, moderator=moderator, to_status="published")

    assert list(queue_for(moderator)) == [waiting]
    assert StatusChange.objects.count() == 0


def test_comment_count_follows_what_is_online(submit: Submit, moderator: User, citizen: User, neighbour: User) -> None:
    idea = submit()
    comments = [submit(parent=idea), submit(parent=idea, actor=actor_of(neighbour))]

    def count() -> int:
        idea.refresh_from_db()
        return idea.comment_count

    assert count() == 2
    decide(contribution=comments[0], moderator=moderator, to_status="hidden", reason="Insults somebody.")
    assert count() == 1
    decide(contribution=comments[0], moderator=moderator, to_status="published")
    assert count() == 2
    withdraw_contribution(actor=actor_of(neighbour), contribution=comments[1])
    assert count() == 1


def test_wrong_changes_are_refused(submit: Submit, moderator: User, citizen: User, outsider: User) -> None:
    idea = submit()
    with pytest.raises(ReasonMissing):
        decide(contribution=idea, moderator=moderator, to_status="hidden", reason=" ")
    with pytest.raises(NotYours):
        change_status(contribution=idea, to_status="hidden", actor=actor_of(citizen), reason="Mine")
    with pytest.raises(NotYours):
        withdraw_contribution(actor=actor_of(outsider), contribution=idea)
    withdraw_contribution(actor=actor_of(citizen), contribution=idea)
    with pytest.raises(StatusChangeNotAllowed):
        withdraw_contribution(actor=actor_of(citizen), contribution=idea)
    with pytest.raises(StatusChangeNotAllowed):
        decide(contribution=idea, moderator=moderator, to_status="hidden", reason="Late")
    assert StatusChange.objects.count() == 1


def test_draft_is_sent_in_while_a_phase_takes_it(submit: Submit, citizen: User, consultation: Consultation) -> None:
    draft = submit()
    Contribution.objects.filter(pk=draft.pk).update(status=Status.DRAFT, phase=None)
    phase = consultation.phases.get()
    consultation.phases.update(kind=PhaseKind.SYNTHESIS)
    with pytest.raises(PhaseClosed):
        change_status(contribution=draft, to_status="submitted", actor=actor_of(citizen))
    consultation.phases.update(kind=PhaseKind.CONTRIBUTION)

    change_status(contribution=draft, to_status="submitted", actor=actor_of(citizen))

    draft.refresh_from_db()
    assert (draft.status, draft.phase) == (Status.SUBMITTED, phase)


# --- Paper, mail -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_queue")
def test_paper_has_no_author_and_no_device(submit: Submit, agent: User, make_consultation: MakeConsultation) -> None:
    idea = submit(
        actor=actor_of(agent), origin=Origin.PAPER, into=make_consultation(identity_level=1, charter="Be kind")
    )

    assert (idea.author, idea.device, idea.author_name) == (None, None, "")
    assert ProcrastinateJob.objects.count() == 0


@pytest.mark.usefixtures("empty_queue")
def test_receipt_is_queued_with_the_contribution_and_sent_in_the_persons_language(
    submit: Submit, citizen: User, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    idea = submit()
    job = ProcrastinateJob.objects.get()
    assert (job.task_name.rpartition(".")[2], job.args) == ("send_receipt", {"contribution_id": idea.pk})

    for language, subject in (("fr", "Nous avons reçu votre idée"), ("en", "We received your idea")):
        citizen.language = language
        citizen.save()
        tasks.send_receipt(idea.pk)
        assert mail.outbox[-1].subject.startswith(subject)
        assert mail.outbox[-1].to == [citizen.email]
        assert f"/contributions/{idea.code}/" in mail.outbox[-1].body


def test_decision_tells_the_reason(submit: Submit, moderator: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    idea = submit(language="en")
    decide(contribution=idea, moderator=moderator, to_status="hidden", reason="It names a <neighbour> & insults.")

    tasks.send_decision(StatusChange.objects.get().pk)

    assert "It names a <neighbour> & insults." in mail.outbox[-1].body


# --- At the same time -----------------------------------------------------------------------------------------------


def at_once(act: Callable[[int], object], times: int) -> list[object]:
    """Run the act in so many threads that start together; what each returned or raised."""
    start, outcomes = threading.Barrier(times), [None] * times

    def run(number: int) -> None:
        start.wait()
        try:
            outcomes[number] = act(number)  # type: ignore[call-overload]
        except Exception as error:
            outcomes[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes  # type: ignore[return-value]


@pytest.mark.django_db(transaction=True)
def test_of_ideas_sent_at_once_by_one_device_one_is_taken(submit: Submit) -> None:
    outcomes = at_once(lambda number: submit(actor=device_actor("a"), title=f"Idea {number}"), 4)

    assert Contribution.objects.count() == 1
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadySpoken"] * 3 + ["Contribution"]


@pytest.mark.django_db(transaction=True)
def test_supports_given_at_once_are_all_counted(submit: Submit) -> None:
    idea = submit()

    at_once(lambda number: give_support(actor=device_actor("abcd"[number]), contribution=idea), 4)
    at_once(lambda number: give_support(actor=device_actor("x"), contribution=idea), 4)

    idea.refresh_from_db()
    assert idea.support_count == 5 == Support.objects.count()


@pytest.mark.django_db(transaction=True)
def test_device_that_comments_and_supports_at_once_does_both(submit: Submit) -> None:
    ideas = [submit(title=f"Idea {number}") for number in range(6)]

    for number, idea in enumerate(ideas):
        acts = [
            lambda idea=idea: submit(actor=device_actor("a"), parent=idea),
            lambda idea=idea: give_support(actor=device_actor("a"), contribution=idea),
        ]
        outcomes = at_once(lambda turn, acts=acts: acts[turn](), 2)
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], (number, outcomes)

    assert set(Contribution.objects.filter(parent=None).values_list("comment_count", "support_count")) == {(1, 1)}


@pytest.mark.django_db(transaction=True)
def test_same_key_sent_at_once_is_carried_out_once(consultation: Consultation, citizen: User) -> None:
    headers = {"authorization": f"Token {issue_token(email=citizen.email)}", "idempotency-key": "once"}
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": IN_RUE_HAUTE},
        "properties": {"title": "A bench", "consultation": consultation.slug},
    }

    answers = at_once(
        lambda number: Client(headers=headers).post("/api/v1/contributions/", feature, "application/json").content, 3
    )

    assert Contribution.objects.count() == 1
    assert len(set(answers)) == 1
