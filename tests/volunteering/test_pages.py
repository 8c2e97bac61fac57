"""The pages: what they show to whom, their forms, and how many queries they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.domain.agreements import ask_to_help, change_agreement
from geoparticipation.volunteering.models import Agreement, Association, Mission, Skill, VolunteerOffer
from geoparticipation.volunteering.queries import (
    DistrictFigures,
    public_volunteers_by_district,
    volunteers_by_district,
)
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import actor_of
from tests.fixtures.tiny_town import TinyTown
from tests.volunteering.conftest import MakeMission, MakeOffer


def offer_words(skills: dict[str, Skill], **said: Any) -> dict[str, Any]:
    return {
        "title": "I read aloud", "body": "", "place_text": "Rue Haute 3", "skills": [skills["reading"].pk],
        "times": ["3", "15"], "first": "", "last": "", "reach_m": "1000", "on_foot": "True", "level": "1",
        "act": "send", **said,
    }  # fmt: skip


def test_offer_by_the_form_without_a_map_or_script(
    client: Client, citizen: User, exchange: Consultation, skills: dict[str, Skill]
) -> None:
    client.force_login(citizen)
    page = reverse("offer-help", args=[exchange.slug])

    shown = client.post(page, offer_words(skills, act="preview"))
    sent = client.post(page, offer_words(skills))

    assert b'id="preview-place"' in shown.content
    assert "4.4045" not in shown.content.decode()
    offer = VolunteerOffer.objects.get()
    assert sent.headers["Location"] == f"{reverse('volunteer-offer', args=[offer.contribution.code])}?sent=1"
    assert (offer.times, offer.reach_m, offer.on_foot, offer.contribution.body) == (1 << 3 | 1 << 15, 1000, True, "")
    assert "matches" in client.get(sent.headers["Location"]).content.decode()


def test_form_is_sent_once_and_keeps_what_was_typed(
    client: Client, citizen: User, exchange: Consultation, skills: dict[str, Skill]
) -> None:
    client.force_login(citizen)
    page = reverse("offer-help", args=[exchange.slug])
    token = "7b0e0b4e-6f39-4b5e-9a06-1de0f5a5f6d1"

    refused = client.post(page, offer_words(skills, times=[], token=token))
    codes = {client.post(page, offer_words(skills, token=token)).headers["Location"] for _time in range(2)}

    assert refused.status_code == 400
    assert "I read aloud" in refused.content.decode()
    assert 'id="times-error"' in refused.content.decode()
    assert len(codes) == 1
    assert VolunteerOffer.objects.count() == 1


def test_mission_by_the_form(
    client: Client, councillor: User, outsider: User, exchange: Consultation, association: Association,
    skills: dict[str, Skill],
) -> None:  # fmt: skip
    page = reverse("ask-for-help", args=[exchange.slug])
    said = offer_words(skills, association=association.slug, people_wanted="3", public_place="street")
    client.force_login(outsider)
    assert reverse("association-new") in client.get(page).content.decode()
    assert client.post(page, said).status_code == 422

    client.force_login(councillor)
    client.post(page, said)

    mission = Mission.objects.get()
    assert (mission.people_wanted, mission.contribution.author_name) == (3, "Les Jardiniers")
    assert mission.contribution.public_geometry.geom_type == "MultiLineString"


def test_association_from_its_form_to_its_page(client: Client, agent: User, citizen: User, tiny_town: TinyTown) -> None:
    client.force_login(citizen)
    client.post(
        reverse("association-new"),
        {"name": "The Bakers", "summary": "We bake.", "place_text": "Rue Haute 3", "website": "https://example.org"},
    )
    made = Association.objects.get()
    page = reverse("association", args=[made.slug])
    assert Client().get(page).status_code == 404
    assert client.get(page).status_code == 200

    client.force_login(agent)
    client.post(reverse("workspace-association-check", args=[made.slug]), {"act": "refuse"})
    made.refresh_from_db()
    assert made.state == "waiting"
    client.post(reverse("workspace-association-check", args=[made.slug]), {"act": "accept"})

    assert Client().get(page).status_code == 200
    assert "The Bakers" in Client().get(reverse("associations")).content.decode()


def test_only_the_two_sides_open_what_is_between_them(
    client: Client, cast: dict[str, User], make_offer: MakeOffer, make_mission: MakeMission
) -> None:
    offer, mission = make_offer(), make_mission()
    agreement = ask_to_help(actor=actor_of(cast["citizen"]), mission=mission, message="I come.", offer=offer)
    expected = {
        reverse("agreement", args=[agreement.code]): {"citizen", "councillor"},
        reverse("offer-matches", args=[offer.contribution.code]): {"citizen"},
        reverse("mission-matches", args=[mission.contribution.code]): {"councillor"},
        reverse("volunteer-offer-edit", args=[offer.contribution.code]): {"citizen"},
    }

    opened: dict[str, set[str]] = {page: set() for page in expected}
    for name, user in cast.items():
        client.force_login(user)
        for page in expected:
            answer = client.get(page)
            assert answer.status_code in {200, 403, 404}
            if answer.status_code == 200:
                opened[page].add(name)

    assert opened == expected
    assert all(Client().get(page).status_code in {302, 403, 404} for page in expected)


@pytest.mark.parametrize("page", ["workspace-volunteering", "workspace-skills"])
def test_workspace_is_for_agents(page: str, client: Client, cast: dict[str, User]) -> None:
    for name, user in cast.items():
        client.force_login(user)
        assert client.get(reverse(page)).status_code == (200 if name == "agent" else 403)


def test_agreement_by_its_page(client: Client, citizen: User, councillor: User, make_mission: MakeMission) -> None:
    mission = make_mission()
    client.force_login(citizen)
    client.post(reverse("mission-ask", args=[mission.contribution.code]), {"message": "I come."})
    agreement = Agreement.objects.get()
    page = reverse("agreement", args=[agreement.code])
    client.force_login(councillor)
    assert "citizen@example.org" not in client.get(page).content.decode()
    for said in ({"act": "accepted"}, {"act": "write", "message": "Nine o'clock."}, {"act": "show-email"}):
        assert client.post(page, said).status_code == 302
    assert client.post(page, {"act": "done", "hours": ""}).status_code == 422
    client.force_login(citizen)
    assert "councillor@example.org" not in client.get(page).content.decode()
    client.post(page, {"act": "show-email"})
    assert "councillor@example.org" in client.get(page).content.decode()
    client.force_login(councillor)
    assert "citizen@example.org" in client.get(page).content.decode()
    client.post(page, {"act": "done", "hours": "3", "thanks": "Well done"})

    agreement.refresh_from_db()
    assert (agreement.state, agreement.hours, agreement.thanks) == ("done", 3, "Well done")


def test_skill_and_time_narrow_list_map_and_files_alike(
    client: Client, exchange: Consultation, skills: dict[str, Skill], make_offer: MakeOffer, make_mission: MakeMission
) -> None:
    from geoparticipation.volunteering.domain.details import When

    wanted = make_offer(skills=[skills["reading"]], when=When([4]), title="Wanted").contribution
    make_offer(skills=[skills["gardening"]], when=When([4]))
    make_mission(when=When([9]), skills=[skills["reading"]])
    query = f"skill={skills['reading'].slug}&time=4"

    page = client.get(f"{reverse('exchange', args=[exchange.slug])}?{query}").content.decode()
    api = client.get(f"/api/v1/contributions/?{query}").json()["features"]
    file = b"".join(client.get(f"/api/v1/contributions/export.csv?{query}")).decode()

    assert page.count('data-code="') == 1
    assert [feature["properties"]["code"] for feature in api] == [str(wanted.code)]
    assert file.count("Wanted") == 1
    assert file.count("\n") == 2
    for wrong in ("skill=nonsense", "time=21", "time=x"):
        assert client.get(f"/api/v1/contributions/?{wrong}").status_code == 400


@pytest.mark.parametrize("size", [1, 3])
def test_literal_counts_of_queries(
    size: int,
    client: Client,
    citizen: User,
    councillor: User,
    agent: User,
    exchange: Consultation,
    association: Association,
    make_offer: MakeOffer,
    make_mission: MakeMission,
) -> None:
    for number in range(size):
        make_offer(title=f"Offer {number}")
        ask_to_help(actor=actor_of(citizen), mission=make_mission(title=f"Mission {number}"), message="I come.")
    offer, mission = VolunteerOffer.objects.first(), Mission.objects.first()
    counts = {
        (None, reverse("exchange", args=[exchange.slug])): 13,
        (None, reverse("associations")): 2,
        (None, reverse("association", args=[association.slug])): 3,
        (None, reverse("volunteer-offer", args=[offer.contribution.code])): 3,
        (None, reverse("mission", args=[mission.contribution.code])): 4,
        (citizen, reverse("my-volunteering")): 10,
        (citizen, reverse("profile")): 8,
        (citizen, reverse("offer-matches", args=[offer.contribution.code])): 8,
        (councillor, reverse("mission-matches", args=[mission.contribution.code])): 9,
        (agent, reverse("workspace-volunteering")): 9,
    }
    found = {}
    for user, page in counts:
        if user is None:
            client.logout()
        else:
            client.force_login(user)
        client.get(page)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        found[user, page] = len(seen)

    assert {page: count for (_user, page), count in found.items()} == {
        page: count for (_user, page), count in counts.items()
    }


def test_figures_by_district_are_exact_for_agents_and_hidden_when_small_for_others(
    exchange: Consultation, make_user: MakeUser, make_offer: MakeOffer, tiny_town: TinyTown
) -> None:
    cache.clear()
    people = [make_user(f"person{number}") for number in range(8)]
    for number, person in enumerate(people):
        make_offer(by=person, geometry=tiny_town.addresses["haute 1" if number < 6 else "parc 2"].geometry)
    make_offer(by=people[0], title="Another of the same person")

    assert volunteers_by_district(exchange) == [DistrictFigures("W", "West", 6), DistrictFigures("E", "East", 2)]
    public = {row.code: row.volunteers for row in public_volunteers_by_district(exchange)}
    assert all(count is None or count >= 5 for count in public.values())
    # One small district alone would follow from the others: then a second one is not told either.
    assert list(public.values()).count(None) != 1
    Contribution.objects.filter(author=people[7]).update(status="hidden")
    assert volunteers_by_district(exchange)[1].volunteers == 1


def test_charter_of_the_town_is_accepted_once_for_all(
    client: Client,
    citizen: User,
    exchange: Consultation,
    skills: dict[str, Skill],
    make_consultation: Callable[..., Consultation],
) -> None:
    charter = "Be kind.\nStay on the subject."
    Consultation.objects.update(charter=charter)
    ideas, other = make_consultation(charter=charter), make_consultation(charter="Something else.")
    client.force_login(citizen)
    offering, idea = reverse("offer-help", args=[exchange.slug]), reverse("contribute", args=[ideas.slug])
    assert 'name="accept_charter"' in client.get(idea).content.decode()
    assert client.post(offering, offer_words(skills)).status_code == 400

    client.post(offering, offer_words(skills, accept_charter="on"))

    assert VolunteerOffer.objects.count() == 1
    assert 'name="accept_charter"' not in client.get(idea).content.decode()
    assert 'name="accept_charter"' in client.get(reverse("contribute", args=[other.slug])).content.decode()
    client.post(idea, {"title": "Trees", "place_text": "Rue Haute", "act": "send"})
    assert Contribution.objects.filter(kind="proposal", consultation=ideas).exists()


def test_association_sees_only_its_own(
    client: Client, councillor: User, citizen: User, association: Association, make_mission: MakeMission
) -> None:
    agreement = ask_to_help(actor=actor_of(citizen), mission=make_mission(), message="I come.")
    change_agreement(actor=actor_of(councillor), agreement=agreement, to_state="accepted")
    page = reverse("association", args=[association.slug])

    client.force_login(councillor)
    assert 'id="figures"' in client.get(page).content.decode()
    client.force_login(citizen)
    assert 'id="figures"' not in client.get(page).content.decode()
