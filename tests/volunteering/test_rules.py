"""Who may do what: the cast against the phases, the sides of an agreement against its states."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point
from django.core import mail
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering import rules
from geoparticipation.volunteering.domain.agreements import ask_to_help
from geoparticipation.volunteering.domain.associations import (
    check_association,
    invitation_of,
    invite_member,
    join_association,
    remove_member,
    save_association,
)
from geoparticipation.volunteering.domain.details import When
from geoparticipation.volunteering.domain.offers import change_offer
from geoparticipation.volunteering.domain.skills import save_skill
from geoparticipation.volunteering.enums import AgreementState, Side
from geoparticipation.volunteering.errors import OfferIncomplete
from geoparticipation.volunteering.models import Agreement, Association, Mission, Skill, VolunteerOffer
from geoparticipation.volunteering.tasks import send_invitation
from layers.errors import Refusal
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import MakeConsultation, actor_of, device_actor
from tests.volunteering.conftest import PARK, MakeMission, MakeOffer

CAST = ["agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider", "unconfirmed", "visitor"]


def answer(act: object) -> str:
    """ "yes", or the code of the refusal."""
    try:
        act()  # type: ignore[operator]
    except Refusal as refusal:
        return refusal.code
    return "yes"


@pytest.fixture
def actors(cast: dict[str, User], make_user: MakeUser) -> dict[str, object]:
    known = {name: actor_of(user) for name, user in cast.items()}
    return {**known, "unconfirmed": actor_of(make_user("unconfirmed", confirmed=False)), "visitor": device_actor()}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("kind", [None, *PhaseKind])
def test_offering_help_for_everybody_in_every_phase(
    kind: PhaseKind | None,
    level: int,
    actors: dict[str, object],
    make_consultation: MakeConsultation,
    make_offer: MakeOffer,
) -> None:
    exchange = make_consultation(kind, identity_level=level)

    answers = {name: answer(lambda: make_offer(actor=actors[name], consultation=exchange)) for name in CAST}  # noqa: B023

    for name in CAST:
        allowed = "identity_level_too_low" if name in {"unconfirmed", "visitor"} else "yes"
        assert answers[name] == (allowed if kind == PhaseKind.VOLUNTEERING else "phase_closed"), name
    assert VolunteerOffer.objects.count() == (7 if kind == PhaseKind.VOLUNTEERING else 0)


@pytest.mark.parametrize("state", ["waiting", "checked", "refused"])
def test_only_members_of_a_checked_association_ask_for_help(
    state: str, actors: dict[str, object], association: Association, make_mission: MakeMission
) -> None:
    Association.objects.filter(pk=association.pk).update(state=state)
    association.refresh_from_db()

    answers = {name: answer(lambda: make_mission(actor=actors[name])) for name in CAST}  # noqa: B023

    for name in CAST:
        allowed = "yes" if state == "checked" else "association_not_checked"
        assert answers[name] == (allowed if name == "councillor" else "not_a_member"), name


def test_what_else_the_cast_may_do(
    actors: dict[str, object],
    cast: dict[str, User],
    association: Association,
    make_offer: MakeOffer,
    skills: dict[str, Skill],
) -> None:
    offer = make_offer()
    seat = Point(*PARK, srid=4326)
    known = ["agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider"]

    def register(name: str) -> str:
        return answer(lambda: save_association(actor=actors[name], name="N", summary="S", geometry=seat))

    def change(name: str) -> str:
        return answer(
            lambda: change_offer(
                actor=actors[name],
                offer=offer,
                skills=skills.values(),
                when=When([3]),
                reach_m=500,
                on_foot=True,
                level=1,
            )
        )

    def edit(name: str) -> str:
        words = {"name": association.name, "summary": "S"}
        return answer(lambda: save_association(actor=actors[name], association=association, **words))

    def add(name: str) -> str:
        return answer(lambda: invite_member(actor=actors[name], association=association, email="x@y.org"))

    assert {name: register(name) for name in CAST} == {
        name: "identity_level_too_low" if name in {"unconfirmed", "visitor"} else "yes" for name in CAST
    }
    assert {name: change(name) for name in CAST} == {name: "yes" if name == "citizen" else "not_yours" for name in CAST}
    for act, whom in ((edit, known), (add, CAST)):
        assert {n: act(n) for n in whom} == {n: "yes" if n == "councillor" else "not_a_member" for n in whom}
    for name, user in cast.items():
        check = answer(lambda: check_association(user=user, association=association, accepted=True))  # noqa: B023
        keep = answer(lambda: save_skill(user=user, names={"fr": "Un", "en": "One"}))  # noqa: B023
        assert (check, keep) == (("yes", "yes") if name == "agent" else ("not_allowed", "not_allowed")), name


def test_association_is_never_left_without_anybody(association: Association, councillor: User, citizen: User) -> None:
    own = association.members.get()
    actor = actor_of(councillor)
    assert answer(lambda: remove_member(actor=actor, association=association, member=own)) == "last_member"

    invitation = invitation_of(association, citizen)
    join_association(actor=actor_of(citizen), association=association, invitation=invitation)
    join_association(actor=actor_of(citizen), association=association, invitation=invitation)

    assert association.members.count() == 2
    assert answer(lambda: remove_member(actor=actor, association=association, member=own)) == "yes"
    assert not rules.is_member(councillor, association)
    assert rules.is_member(citizen, association)


def test_new_name_is_checked_again_and_the_rest_is_not(association: Association, councillor: User) -> None:
    actor = actor_of(councillor)

    same = save_association(actor=actor, association=association, name="Les Jardiniers", summary="Other words.")
    assert same.state == "checked"
    renamed = save_association(actor=actor, association=association, name="The Bakers", summary="Other words.")
    assert renamed.state == "waiting"
    assert renamed.slug == "les-jardiniers"


# from → to: which side may, by who asked. Everything that is not here is nobody's.
CHANGES = {
    ("asked", "accepted"): "asked",
    ("asked", "declined"): "asked",
    ("asked", "cancelled"): "asking",
    ("accepted", "cancelled"): "both",
    ("accepted", "done"): "association",
}


@pytest.mark.parametrize("asked_by", list(Side))
def test_every_change_of_an_agreement_for_both_sides(asked_by: Side) -> None:
    allowed = set()
    for from_state in AgreementState:
        agreement = Agreement(asked_by=asked_by, state=from_state)
        for to_state in AgreementState:
            for side in (*Side, None):
                if rules.may_change(agreement, to_state, side):
                    allowed.add((from_state.value, to_state.value, side))

    other = Side.ASSOCIATION if asked_by == Side.VOLUNTEER else Side.VOLUNTEER
    who = {"asked": [other], "asking": [asked_by], "both": list(Side), "association": [Side.ASSOCIATION]}
    assert allowed == {(*change, side) for change, sides in CHANGES.items() for side in who[sides]}


def test_sides_of_an_agreement(make_mission: MakeMission, cast: dict[str, User]) -> None:
    agreement = ask_to_help(actor=actor_of(cast["citizen"]), mission=make_mission(), message="I come.")

    sides = {name: rules.side_of(user, agreement) for name, user in cast.items()}

    assert sides == {**dict.fromkeys(cast), "citizen": Side.VOLUNTEER, "councillor": Side.ASSOCIATION}
    assert rules.side_of(None, agreement) is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"when": When([])}, "times"),
        ({"when": When([21])}, "times"),
        ({"skills": []}, "skills"),
        ({"reach_m": 99}, "reach_m"),
        ({"reach_m": 20_001}, "reach_m"),
        ({"level": 4}, "level"),
    ],
)
def test_incomplete_offer_leaves_nothing_behind(said: dict[str, object], field: str, make_offer: MakeOffer) -> None:
    with pytest.raises(OfferIncomplete) as refusal:
        make_offer(**said)

    assert refusal.value.field == field
    assert not Contribution.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"), [({"people_wanted": 0}, "people_wanted"), ({"public_place": "x"}, "public_place")]
)
def test_incomplete_mission_leaves_nothing_behind(
    said: dict[str, object], field: str, make_mission: MakeMission
) -> None:
    with pytest.raises(OfferIncomplete) as refusal:
        make_mission(**said)

    assert refusal.value.field == field
    assert not Mission.objects.exists()
    assert not Contribution.objects.exists()


def test_change_by_a_member_does_not_undo_what_an_agent_decided_meanwhile(
    association: Association, agent: User, councillor: User
) -> None:
    read_before = Association.objects.get(pk=association.pk)
    check_association(user=agent, association=association, accepted=False, reason="A fraud.")

    changed = save_association(
        actor=actor_of(councillor), association=read_before, name=association.name, summary="We garden more."
    )

    assert not changed.is_public


def test_nobody_acts_for_an_association_before_they_say_so(
    association: Association, councillor: User, citizen: User, neighbour: User
) -> None:
    for email in ("CITIZEN@example.org", "nobody@example.org"):
        invite_member(actor=actor_of(councillor), association=association, email=email)
    assert association.members.count() == 1
    jobs = ProcrastinateJob.objects.filter(task_name__endswith="send_invitation")
    assert [job.args for job in jobs] == [{"association_id": association.pk, "user_id": citizen.pk}]

    mail.outbox.clear()
    send_invitation(association_id=association.pk, user_id=citizen.pk)
    [sent] = mail.outbox
    assert sent.to == [citizen.email]
    invitation = sent.body.strip().rpartition("/join/")[2].strip("/")
    other = save_association(
        actor=actor_of(councillor), name="Bakers", summary="We bake.", geometry=Point(*PARK, srid=4326)
    )
    for person, whose, code in (
        (neighbour, association, invitation),
        (citizen, other, invitation),
        (citizen, association, f"{invitation}x"),
        (citizen, association, ""),
    ):
        joining = answer(lambda: join_association(actor=actor_of(person), association=whose, invitation=code))  # noqa: B023
        assert joining == "invitation_not_valid"
    join_association(actor=actor_of(citizen), association=association, invitation=invitation)
    assert rules.is_member(citizen, association)


def test_page_asks_who_was_invited(client: Client, association: Association, citizen: User, neighbour: User) -> None:
    address = reverse("association-join", args=[association.slug, invitation_of(association, citizen)])
    assert client.get(address).status_code == 302
    client.force_login(neighbour)
    assert client.get(address).status_code == 404
    client.force_login(citizen)
    assert client.get(address).status_code == 200
    assert not rules.is_member(citizen, association)

    assert client.post(address).status_code == 302

    assert rules.is_member(citizen, association)
