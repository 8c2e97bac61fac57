"""What is made of an idea: who notes it, when, where it is, which pictures it has, and who sees them."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.contributions.domain.clear_photos import forget_lost_files
from geoparticipation.contributions.domain.hold_photo import hold_photo
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.contributions.models import Contribution, HeldPhoto
from geoparticipation.contributions.photos.errors import PhotoGone, TooManyPhotos
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import record_study, take_up
from geoparticipation.followup.domain.measure_photos import SaidOfPhoto, keep_photos
from geoparticipation.followup.domain.measures import record_progress
from geoparticipation.followup.errors import DescriptionMissing, NotOnline, SayMore
from geoparticipation.followup.models import Commitment, Measure, MeasurePhoto
from geoparticipation.followup.queries import money_of
from tests.fixtures.question import IN_RUE_HAUTE, MakeConsultation, Submit, actor_of
from tests.layers.pictures.pictures import MARKER, four_colours, photo

ENGLISH = {"accept-language": "en"}
IN_EAST = Point(4.415, 50.8451, srid=4326)


@pytest.fixture(autouse=True)
def own_files(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    return tmp_path / "media"


@pytest.fixture
def accepted(commitment: Commitment, submit: Submit, agent: User) -> Callable[..., Contribution]:
    """Make an idea that was studied for 1,000 € and accepted."""

    def make(title: str = "More trees", *, cost: int | None = 1000, **more: object) -> Contribution:
        idea = submit(title=title, **more)
        case = take_up(contribution=idea, agent=agent)
        if cost is not None:
            record_study(
                case=case, agent=agent, department="Roads", verdict="feasible", text="Yes.", cost=Decimal(cost)
            )
        publish_answer(case=case, agent=agent, decision="accepted", text="We do it.", signed_by="A. Weber, mayor")
        return idea

    return make


def held(agent: User, red: int = 0) -> uuid.UUID:
    image = four_colours(60, 40)
    image.putpixel((0, 0), (red, 0, 0))
    image.paste((red, 0, 0), (10, 10, 30, 30))
    code: uuid.UUID = hold_photo(actor=actor_of(agent), content=photo(image, "JPEG", lon=4.4, lat=50.8)).code
    return code


def note(idea: Contribution, agent: User, progress: str = "under_way", **said: object) -> Measure:
    if progress == "done":
        said = {"done_on": timezone.localdate(), **said}
    return record_progress(contribution=idea, agent=agent, progress=progress, **said)  # type: ignore[arg-type]


def features_in_town(client: Client) -> list[dict[str, Any]]:
    """What the tile of the whole world has of the layer."""
    tile = mapbox_vector_tile.decode(client.get("/tiles/measures/0/0/0.mvt").content)
    features: list[dict[str, Any]] = tile["measures"]["features"]
    return features


# Who, and when -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider"])
def test_agents_alone_note_progress(cast: dict[str, User], accepted: Callable[..., Contribution], person: str) -> None:
    idea = accepted()
    if person == "agent":
        assert note(idea, cast[person]).progress == "under_way"
        assert keep_photos(measure=Measure.objects.get(), agent=cast[person], photos=[]) == []
        return
    with pytest.raises(NotAllowed):
        note(idea, cast[person])
    with pytest.raises(NotAllowed):
        keep_photos(measure=note(idea, cast["agent"]), agent=cast[person], photos=[])


@pytest.mark.parametrize("phase", [None, *PhaseKind])
def test_progress_is_noted_in_every_phase(
    accepted: Callable[..., Contribution], make_consultation: MakeConsultation, agent: User, phase: PhaseKind | None
) -> None:
    idea = accepted()
    Contribution.objects.filter(pk=idea.pk).update(consultation=make_consultation(phase))

    assert note(idea, agent, "done").done_on == timezone.localdate()


def test_nothing_is_noted_of_a_hidden_idea(accepted: Callable[..., Contribution], agent: User) -> None:
    idea = accepted()
    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)

    with pytest.raises(NotOnline):
        note(idea, agent)


# Where ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        Point(4.415, 50.8451, srid=4326),
        LineString((4.404, 50.845), (4.406, 50.8452), srid=4326),
        Polygon.from_bbox((4.404, 50.8449, 4.406, 50.8452)),
    ],
    ids=["point", "line", "area"],
)
def test_place_is_drawn_kept_and_given_back(
    accepted: Callable[..., Contribution], agent: User, place: GEOSGeometry
) -> None:
    place.srid = 4326
    idea = accepted()
    note(idea, agent)
    [shown] = Measure.objects.on_map().with_place()
    assert shown.place.equals(idea.public_geometry)

    note(idea, agent, geometry=place)
    [shown] = Measure.objects.on_map().with_place()
    assert shown.place.equals_exact(place, 1e-9)
    note(idea, agent, text="Further on.")
    assert Measure.objects.get().geometry.equals_exact(place, 1e-9)

    note(idea, agent, where_the_idea_is=True)
    assert Measure.objects.get().geometry is None


def test_place_of_its_own_is_said_in_words_for_who_sees_no_map(
    client: Client,
    accepted: Callable[..., Contribution],
    agent: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    far = accepted("Far")
    note(accepted("Near"), agent)
    note(far, agent, geometry=IN_EAST)

    client.get("/measures/")
    with django_assert_num_queries(6):
        listed = client.get("/measures/", headers=ENGLISH).content.decode()
    assert listed.count("East</span>") == 1
    assert listed.count("West</span>") == 1
    assert "East</p>" in client.get(f"/contributions/{far.code}/", headers=ENGLISH).content.decode()


def test_form_sent_twice_has_no_more_pictures_than_sent_once(
    accepted: Callable[..., Contribution], agent: User
) -> None:
    measure = note(accepted(), agent)
    said = [SaidOfPhoto(held(agent, 50 * number), "after", f"Tree {number}") for number in range(5)]
    keep_photos(measure=measure, agent=agent, photos=said)
    keep_photos(measure=measure, agent=agent, photos=[*said, *(SaidOfPhoto(one.code, "", "") for one in said)])

    assert [photo.description for photo in measure.photos.all()] == [f"Tree {number}" for number in range(5)]


def test_place_outside_the_town_is_refused(accepted: Callable[..., Contribution], agent: User) -> None:
    with pytest.raises(OutsideTerritory):
        note(accepted(), agent, geometry=Point(0, 0, srid=4326))
    assert not Measure.objects.exists()


def test_public_place_of_the_idea_is_shown_never_the_exact_one(
    client: Client, accepted: Callable[..., Contribution], agent: User
) -> None:
    idea = accepted()
    Contribution.objects.filter(pk=idea.pk).update(public_geometry=IN_EAST)
    note(idea, agent)

    [found] = features_in_town(client)
    assert found["geometry"]["type"] == "Point"
    extent = client.get("/tiles/measures.json").json()["bounds"]
    assert extent == pytest.approx([4.415, 50.8451, 4.415, 50.8451], abs=1e-4)
    assert f"{IN_RUE_HAUTE[0]}" not in client.get("/measures/").content.decode()


def test_layer_has_what_is_built_of_ideas_online_and_changes_its_version(
    client: Client, accepted: Callable[..., Contribution], agent: User
) -> None:
    ideas = {progress: accepted(progress) for progress in ("planned", "under_way", "done", "given_up")}
    for progress, idea in ideas.items():
        note(idea, agent, progress, text="Words.", spent=Decimal(5))
    found = features_in_town(client)
    assert {(one["properties"]["title"], one["properties"]["kind"]) for one in found} == {
        ("under_way", "measure_under_way"),
        ("done", "measure_done"),
    }
    first = client.get("/tiles/measures/0/0/0.mvt")
    assert first.status_code == 200
    assert b"measure_done" in first.content
    note(ideas["planned"], agent, "done")
    again = client.get("/tiles/measures/0/0/0.mvt", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200
    Contribution.objects.update(status=Status.HIDDEN)
    assert client.get("/tiles/measures/0/0/0.mvt").status_code == 204


# Pictures ------------------------------------------------------------------------------------------------------------


def test_pictures_are_those_of_the_house_before_then_after(accepted: Callable[..., Contribution], agent: User) -> None:
    measure = note(accepted(), agent)
    after, before = held(agent, 10), held(agent, 200)

    keep_photos(
        measure=measure,
        agent=agent,
        photos=[SaidOfPhoto(after, "after", " Six\n trees "), SaidOfPhoto(before, "before", "Bare ground")],
    )

    assert [(one.code, one.moment, one.description) for one in measure.photos.all()] == [
        (before, "before", "Bare ground"),
        (after, "after", "Six trees"),
    ]
    assert not HeldPhoto.objects.exists()


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (("after", "  "), DescriptionMissing),
        (("sometime", "Trees"), SayMore),
        ((None, "Trees"), PhotoGone),
    ],
)
def test_pictures_that_are_refused_leave_everything_as_it_was(
    accepted: Callable[..., Contribution], agent: User, neighbour: User, said: tuple[str | None, str], refused: type
) -> None:
    measure = note(accepted(), agent)
    moment, words = said
    # With no moment: a photo that somebody else holds.
    code = held(agent if moment else neighbour)

    with pytest.raises(refused):
        keep_photos(measure=measure, agent=agent, photos=[SaidOfPhoto(code, moment or "after", words)])

    assert not measure.photos.exists()
    assert HeldPhoto.objects.filter(code=code).exists()


def test_ninth_picture_is_refused_and_the_same_one_kept_once(
    accepted: Callable[..., Contribution], agent: User
) -> None:
    measure = note(accepted(), agent)
    MeasurePhoto.objects.bulk_create(
        MeasurePhoto(
            measure=measure, moment="after", position=n, description="A tree", width=1, height=1, sha256=f"{n:064}"
        )
        for n in range(1, 8)
    )
    one, same = held(agent, 1), held(agent, 1)
    keep_photos(
        measure=measure, agent=agent, photos=[SaidOfPhoto(one, "after", "A"), SaidOfPhoto(same, "after", "A")][:1]
    )
    keep_photos(measure=measure, agent=agent, photos=[], removed=[measure.photos.first().code])
    keep_photos(measure=measure, agent=agent, photos=[SaidOfPhoto(same, "after", "A")])
    assert measure.photos.count() == 7
    keep_photos(measure=measure, agent=agent, photos=[SaidOfPhoto(held(agent, 2), "after", "B")])
    with pytest.raises(TooManyPhotos):
        keep_photos(measure=measure, agent=agent, photos=[SaidOfPhoto(held(agent, 3), "after", "C")])


def test_pictures_are_served_to_who_may_see_the_idea(
    client: Client, accepted: Callable[..., Contribution], agent: User, citizen: User, neighbour: User, own_files: Path
) -> None:
    idea = accepted()
    measure = note(idea, agent)
    code = held(agent)
    keep_photos(measure=measure, agent=agent, photos=[SaidOfPhoto(code, "after", "A tree")])
    url = f"/measures/photos/{code}/large"

    shown = client.get(url)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert MARKER.encode() not in b"".join(shown.streaming_content)
    assert shown["Cache-Control"] == "public, max-age=300"
    assert client.get(url, headers={"if-none-match": shown["ETag"]}).status_code == 304
    assert client.get(f"/measures/photos/{code}/huge").status_code == 404
    assert client.get(f"/photos/{code}/large").status_code == 404
    assert client.get(f"/measures/photos/{uuid.uuid4()}/large").status_code == 404

    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)
    assert client.get(url).status_code == 404
    for person, status in ((neighbour, 404), (citizen, 404), (agent, 200)):
        client.force_login(person)
        assert client.get(url).status_code == status
    assert client.get(url)["Cache-Control"] == "private, no-store"


@pytest.mark.django_db(transaction=True)
def test_files_go_with_the_picture_and_stay_with_the_others(
    accepted: Callable[..., Contribution], agent: User, own_files: Path
) -> None:
    measure = note(accepted(), agent)
    kept, removed = held(agent, 1), held(agent, 2)
    keep_photos(
        measure=measure, agent=agent, photos=[SaidOfPhoto(kept, "before", "A"), SaidOfPhoto(removed, "after", "B")]
    )
    assert len(list(own_files.rglob("*.jpg"))) == 4

    keep_photos(measure=measure, agent=agent, photos=[], removed=[removed])
    for path in own_files.rglob("*.jpg"):
        assert str(kept) in path.name
        # Old enough to be cleared away, were it not known.
        import os

        os.utime(path, (0, 0))
    assert forget_lost_files() == 0
    assert len(list(own_files.rglob("*.jpg"))) == 2


@pytest.mark.django_db(transaction=True)
def test_pictures_of_two_agents_at_once_are_all_kept(accepted: Callable[..., Contribution], agent: User) -> None:
    measure = note(accepted(), agent)
    codes = [held(agent, red) for red in (1, 2, 3, 4)]
    together = threading.Barrier(4)

    def keep(code: uuid.UUID) -> None:
        together.wait()
        keep_photos(measure=measure, agent=agent, photos=[SaidOfPhoto(code, "after", "A tree")])
        connection.close()

    threads = [threading.Thread(target=keep, args=[code]) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {one.code for one in measure.photos.all()} == set(codes)


# Pages ---------------------------------------------------------------------------------------------------------------


def test_agent_notes_place_and_pictures_without_a_script(
    client: Client, accepted: Callable[..., Contribution], agent: User
) -> None:
    idea = accepted()
    page = f"/workspace/follow-up/{idea.code}/measure/"
    client.force_login(agent)
    from django.core.files.uploadedfile import SimpleUploadedFile

    said = {"progress": "done", "done_on": str(timezone.localdate()), "spent": "1,250.50", "place_text": "Rue Haute 2"}
    picture = SimpleUploadedFile("after.jpg", photo(four_colours(60, 40), "JPEG"))
    answer = client.post(page, {**said, "photos": picture, "text": "They stand."}, headers=ENGLISH)
    content = answer.content.decode()
    assert answer.status_code == 422
    assert "Describe each photo in a few words" in content
    assert "They stand." in content
    assert not Measure.objects.exists()
    code = HeldPhoto.objects.get().code
    made = client.post(
        page, {**said, "held": code, f"description-{code}": "Six trees", f"moment-{code}": "after"}, headers=ENGLISH
    )
    assert made["Location"] == f"/workspace/follow-up/{idea.code}/"

    measure = Measure.objects.get()
    assert (measure.spent, measure.geometry.geom_type) == (Decimal("1250.50"), "Point")
    again = client.post(page, {**said, "place_text": "Nowhere", "text": "Kept."}, headers=ENGLISH)
    assert again.status_code == 422
    assert "Kept." in again.content.decode()
    client.logout()
    shown = client.get(f"/contributions/{idea.code}/", headers=ENGLISH).content.decode()
    assert 'alt="Six trees"' in shown
    listed = client.get("/measures/", headers=ENGLISH).content.decode()
    for words in ("More trees", 'alt="Six trees"', "1,000\u00a0€ foreseen", "1,250.50\u00a0€ spent", str(idea.code)):
        assert words in listed


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"A", "B", "C"}),
        ("?progress=done", {"A"}),
        ("?progress=given_up", {"D"}),
        ("?progress=nonsense&district=x", {"A", "B", "C"}),
        ("?district={east}", {"C"}),
    ],
)
def test_list_is_narrowed(
    client: Client, accepted: Callable[..., Contribution], agent: User, query: str, titles: set[str]
) -> None:
    note(accepted("A"), agent, "done")
    note(accepted("B"), agent, "planned")
    east = accepted("C", geometry=IN_EAST)
    note(east, agent)
    note(accepted("D"), agent, "given_up")

    page = client.get(f"/measures/{query.format(east=east.district_id)}")

    assert {one.contribution.title for one in page.context["measures"]} == titles


def test_money_is_summed_and_compared_where_both_are_known(accepted: Callable[..., Contribution], agent: User) -> None:
    note(accepted("A", cost=1000), agent, "done", spent=Decimal("1100.25"))
    note(accepted("B", cost=500), agent, "done", spent=Decimal("400.50"))
    note(accepted("C", cost=None), agent, spent=Decimal(70))
    note(accepted("D", cost=9000), agent)

    money = money_of(Measure.objects.public())

    assert money == {
        "count": 4,
        "total": Decimal("1570.75"),
        "of_both_expected": Decimal(1500),
        "of_both_spent": Decimal("1500.75"),
    }


@pytest.mark.parametrize("count", [1, 3])
def test_query_counts(
    client: Client,
    accepted: Callable[..., Contribution],
    agent: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        idea = accepted(f"Idea {number}")
        measure = note(idea, agent, "done", spent=Decimal(3))
        keep_photos(measure=measure, agent=agent, photos=[SaidOfPhoto(held(agent, number), "after", "A tree")])
    client.get("/measures/")  # the town's name and extent are kept from here on
    with django_assert_num_queries(5):
        client.get("/measures/")
    with django_assert_num_queries(2):
        client.get("/tiles/measures/0/0/0.mvt")
    code = measure.photos.get().code
    with django_assert_num_queries(2):
        client.get(f"/measures/photos/{code}/small")
    client.force_login(agent)
    # Session, account and the badge of the queue beside what the page asks for.
    with django_assert_num_queries(3 + 2):
        client.get("/workspace/follow-up/measures/")
    with django_assert_num_queries(2 + 4):
        client.get(f"/workspace/follow-up/{idea.code}/measure/")


# Winners of a budget -------------------------------------------------------------------------------------------------


def test_winners_of_a_counted_budget_are_followed_as_accepted_ideas_are(
    client: Client, winner_and_loser: tuple[Contribution, Contribution], agent: User
) -> None:
    from geoparticipation.followup.errors import NotAnswered

    winner, loser = winner_and_loser
    client.force_login(agent)
    listed = client.get("/workspace/follow-up/measures/", headers=ENGLISH).content.decode()
    assert winner.title in listed
    assert loser.title not in listed

    note(winner, agent, "done", spent=Decimal(1400), done_on=date(2026, 1, 5))
    with pytest.raises(NotAnswered):
        note(loser, agent)

    page = client.get("/measures/", headers=ENGLISH)
    assert [(one.contribution, one.expected) for one in page.context["measures"]] == [(winner, Decimal(1500))]
    shown = client.get(f"/contributions/{winner.code}/", headers=ENGLISH).content.decode()
    assert "It has won the vote of" in shown
    assert "1,400\u00a0€ spent" in shown
    assert json.dumps(str(winner.code)) in page.content.decode()
