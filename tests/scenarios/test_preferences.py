"""Saying what one prefers: who may when, one per person and place, and what agents may change afterwards."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import product

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.contributions.errors import IdentityTooLow, PhaseClosed
from geoparticipation.contributions.models import Contribution
from geoparticipation.scenarios.domain.places import add_place, delete_place, describe_place, move_place
from geoparticipation.scenarios.domain.plans import delete_plan, publish_plan, save_plan
from geoparticipation.scenarios.domain.preferences import state_preference, withdraw_preference
from geoparticipation.scenarios.domain.results import count_preferences
from geoparticipation.scenarios.domain.variants import (
    FeatureInput,
    add_feature,
    delete_feature,
    delete_variant,
    move_variant,
    replace_features,
    save_variant,
)
from geoparticipation.scenarios.errors import (
    PlanAnswered,
    PlanIncomplete,
    PlanStateChanged,
    UnknownPlan,
    UnknownVariant,
)
from geoparticipation.scenarios.models import Plan, Preference
from layers.errors import Refusal
from tests.fixtures.question import MakeConsultation, actor_of, device_actor
from tests.scenarios.conftest import TREES, MakePlan, ParkPlan, tree

PREFERS_IN = {PhaseKind.CONTRIBUTION, PhaseKind.DEBATE, PhaseKind.VOTE}


@pytest.mark.django_db
def test_phases_that_let_people_prefer(make_plan: MakePlan, make_consultation: MakeConsultation, citizen: User) -> None:
    took = set()
    for number, kind in enumerate(PhaseKind):
        plan = make_plan(into=make_consultation(kind), title=f"Plan {number}")
        try:
            state_preference(actor=actor_of(citizen), place=plan.corner, variant=plan.trees)
        except PhaseClosed:
            continue
        took.add(kind)

    assert took == PREFERS_IN


@pytest.mark.django_db
def test_cast_by_identity_level(
    make_plan: MakePlan, make_consultation: MakeConsultation, cast: dict[str, User]
) -> None:
    """Everybody by device; accounts with a confirmed address; who has a flyer's code: nobody of the cast."""
    actors = {name: actor_of(user) for name, user in cast.items()} | {"visitor": device_actor()}
    took = set()
    for level in IdentityLevel:
        plan = make_plan(into=make_consultation(PhaseKind.DEBATE, identity_level=level), title=f"Level {level}")
        for name, actor in actors.items():
            try:
                state_preference(actor=actor, place=plan.corner, variant=plan.trees)
            except IdentityTooLow:
                continue
            took.add((name, level))

    accounts = product(cast, (IdentityLevel.DEVICE, IdentityLevel.EMAIL))
    assert took == {*accounts, ("visitor", IdentityLevel.DEVICE)}


@pytest.mark.django_db
def test_cast_by_act_of_agents(make_plan: MakePlan, cast: dict[str, User]) -> None:
    park = make_plan(published=False)
    feature = park.trees.features.first()
    acts = {
        "save": lambda who: save_plan(agent=who, plan=park.plan, consultation=park.plan.consultation, title="A"),
        "publish": lambda who: publish_plan(agent=who, plan=park.plan),
        "variant": lambda who: save_variant(agent=who, plan=park.plan, name=f"New of {who.pk}"),
        "move variant": lambda who: move_variant(agent=who, variant=park.tram, up=True),
        "features": lambda who: replace_features(agent=who, variant=park.today, features=[]),
        "add feature": lambda who: add_feature(agent=who, variant=park.today, feature=tree(TREES[0])),
        "delete feature": lambda who: delete_feature(agent=who, feature=feature),
        "delete variant": lambda who: delete_variant(agent=who, variant=park.today),
        "place": lambda who: add_place(agent=who, plan=park.plan, name="New", geometry=Point(4.412, 50.845, srid=4326)),
        "words": lambda who: describe_place(agent=who, place=park.corner, name="Corner"),
        "move place": lambda who: move_place(agent=who, place=park.corner, up=True),
        "delete place": lambda who: delete_place(agent=who, place=park.middle),
    }
    may = set()
    for name, user in cast.items():
        for act, do in acts.items():
            with transaction.atomic():
                try:
                    do(user)
                    may.add((name, act))
                except NotAllowed:
                    pass
                transaction.set_rollback(True)

    assert may == {("agent", act) for act in acts}


@pytest.mark.django_db
def test_changed_mind_leaves_one_preference(park: ParkPlan, citizen: User) -> None:
    for variant in (park.trees, None, park.tram):
        state_preference(actor=actor_of(citizen), place=park.corner, variant=variant)
    state_preference(actor=actor_of(citizen), place=park.middle, variant=None)

    assert count_preferences(park.plan) == {park.corner.pk: {park.tram.pk: 1}, park.middle.pk: {None: 1}}
    withdraw_preference(actor=actor_of(citizen), place=park.corner)
    assert count_preferences(park.plan) == {park.middle.pk: {None: 1}}


@pytest.mark.django_db
def test_browser_that_signs_in_has_one_voice(park: ParkPlan, citizen: User) -> None:
    visitor = device_actor()
    state_preference(actor=visitor, place=park.corner, variant=park.trees)
    signed_in = Actor(user=citizen, device=visitor.device, level=IdentityLevel.EMAIL)
    state_preference(actor=signed_in, place=park.corner, variant=park.tram)

    assert count_preferences(park.plan) == {park.corner.pk: {park.tram.pk: 1}}


@pytest.mark.django_db
def test_database_keeps_plans_apart(park: ParkPlan, make_plan: MakePlan, citizen: User) -> None:
    other = make_plan(title="Another")
    with pytest.raises(UnknownVariant):
        state_preference(actor=actor_of(citizen), place=park.corner, variant=other.trees)
    with pytest.raises(IntegrityError, match="preference_variant_is_of_the_plan"):
        _store(plan=park.plan, place=park.corner, variant=other.trees, user=citizen)
    with pytest.raises(IntegrityError, match="preference_place_is_of_the_plan"):
        _store(plan=park.plan, place=other.corner, user=citizen)


@transaction.atomic
def _store(**values: object) -> None:
    Preference.objects.create(**values)
    connection.check_constraints()


@pytest.mark.django_db
def test_drafts_and_hidden_consultations_take_nothing(
    make_plan: MakePlan, make_consultation: MakeConsultation, citizen: User
) -> None:
    for plan in (
        make_plan(published=False),
        make_plan(into=make_consultation(state=ConsultationState.DRAFT), title="In a draft"),
    ):
        with pytest.raises(UnknownPlan):
            state_preference(actor=actor_of(citizen), place=plan.corner, variant=plan.trees)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_of_one_person_leave_one(park: ParkPlan, citizen: User) -> None:
    actor, failed = actor_of(citizen), []

    def say(number: int) -> None:
        try:
            state_preference(actor=actor, place=park.corner, variant=park.variants[number % 3])
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=say, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert Preference.objects.filter(user=citizen, place=park.corner).count() == 1


@pytest.mark.django_db
def test_answered_plan_keeps_what_people_chose_between(park: ParkPlan, agent: User, citizen: User) -> None:
    state_preference(actor=actor_of(citizen), place=park.corner, variant=park.trees)
    refused = [
        lambda: save_variant(agent=agent, plan=park.plan, name="Late"),
        lambda: move_variant(agent=agent, variant=park.tram, up=True),
        lambda: delete_variant(agent=agent, variant=park.today),
        lambda: replace_features(agent=agent, variant=park.trees, features=[]),
        lambda: add_feature(agent=agent, variant=park.trees, feature=tree(TREES[0])),
        lambda: delete_feature(agent=agent, feature=park.trees.features.first()),
        lambda: delete_place(agent=agent, place=park.corner),
    ]
    for act in refused:
        with pytest.raises(PlanAnswered):
            act()

    save_variant(agent=agent, plan=park.plan, variant=park.trees, name="A hundred trees", text="Limes.")
    describe_place(agent=agent, place=park.corner, name="The corner", text="By the gate.", notes={park.trees: "Shade"})
    added = add_place(agent=agent, plan=park.plan, name="Gate", geometry=Point(4.4125, 50.8455, srid=4326))
    delete_place(agent=agent, place=park.middle)
    assert count_preferences(park.plan) == {park.corner.pk: {park.trees.pk: 1}}
    assert [place.name for place in park.plan.places.all()] == ["The corner", "Stop", "Gate"]
    added.refresh_from_db()
    assert added.contribution.code == added.code
    root = Contribution.objects.get(code=park.corner.code)
    assert (root.title, root.body) == ("The corner – The park", "By the gate.")


@pytest.mark.django_db
def test_publishing_needs_something_to_compare(make_plan: MakePlan, agent: User) -> None:
    park = make_plan(published=False)
    bare = save_plan(agent=agent, consultation=park.plan.consultation, title="Bare")
    save_variant(agent=agent, plan=bare, name="One")
    with pytest.raises(PlanIncomplete, match="two variants"):
        publish_plan(agent=agent, plan=bare)
    save_variant(agent=agent, plan=bare, name="Two")
    with pytest.raises(PlanIncomplete, match="place"):
        publish_plan(agent=agent, plan=bare)

    assert publish_plan(agent=agent, plan=park.plan).state == "published"
    with pytest.raises(PlanStateChanged):
        publish_plan(agent=agent, plan=park.plan)
    with pytest.raises(PlanStateChanged):
        delete_plan(agent=agent, plan=park.plan)
    delete_plan(agent=agent, plan=bare)
    assert Plan.objects.get() == park.plan


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"geometry": Point(4.5, 50.845, srid=4326)}, "outside_territory"),
        ({"geometry": TREES[0], "label": ""}, "plan_incomplete"),
        ({"geometry": TREES[0], "label": "L" * 121}, "plan_incomplete"),
        ({"geometry": TREES[0], "cost": "much"}, "plan_incomplete"),
        ({"geometry": TREES[0], "cost": "-1"}, "plan_incomplete"),
        ({"geometry": TREES[0], "cost": "NaN"}, "plan_incomplete"),
    ],
)
def test_element_that_is_refused(park: ParkPlan, agent: User, what: dict, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        add_feature(agent=agent, variant=park.today, feature=FeatureInput(**{"label": "A bench", **what}))

    assert refused.value.code == code
    assert not park.today.features.exists()


@pytest.mark.django_db
def test_order_of_variants_and_places(make_plan: MakePlan, agent: User) -> None:
    park = make_plan(published=False)
    move_variant(agent=agent, variant=park.tram, up=True)
    move_variant(agent=agent, variant=park.today, up=True)
    move_place(agent=agent, place=park.corner, up=False)
    assert [(one.letter, one.name) for one in park.plan.variants.all()] == [
        ("A", "As it is"),
        ("B", "A tram"),
        ("C", "Many trees"),
    ]
    assert [(one.position, one.name) for one in park.plan.places.all()] == [(1, "Middle"), (2, "Corner"), (3, "Stop")]
    delete_variant(agent=agent, variant=park.tram)
    assert [(one.letter, one.name) for one in park.plan.variants.all()] == [("A", "As it is"), ("B", "Many trees")]


@pytest.mark.django_db
def test_phase_that_is_over_takes_nothing(park: ParkPlan, citizen: User) -> None:
    later = timezone.now() + timedelta(days=8)
    with pytest.raises(PhaseClosed):
        state_preference(actor=actor_of(citizen), place=park.corner, variant=park.trees, at=later)
    with pytest.raises(PhaseClosed):
        withdraw_preference(actor=actor_of(citizen), place=park.corner, at=later)
