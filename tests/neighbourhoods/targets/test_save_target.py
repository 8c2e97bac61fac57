"""Keeping, changing and removing targets."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.gis.geos import Point

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from neighbourhoods.domain.targets import PartSpec, delete_target, parts_of, save_target
from neighbourhoods.domain.targets.errors import PartsMissing, TargetInUse, TargetNameMissing, TargetUnknown
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Target, TargetPart
from tests.fixtures.tiny_town import TinyTown


def every_kind_of_part(town: TinyTown) -> list[PartSpec]:
    return [
        PartSpec(kind=PartKind.STREET, street_id=town.rue_haute.pk, side=Side.EVEN, number_from=2, number_to=60),
        PartSpec(kind=PartKind.DISTRICT, district_id=town.east.pk, buffer_m=25.5, ring_only=True),
        PartSpec(
            kind=PartKind.SHAPE,
            operation=PartOperation.EXCLUDE,
            shape=Point(4.4153, 50.8440, srid=4326),
            buffer_m=30,
        ),
    ]


def test_saved_target_keeps_its_parts_and_what_they_resolve_to(tiny_town: TinyTown, agent: User) -> None:
    parts = every_kind_of_part(tiny_town)

    target = save_target(name="  Haute,\n even ", parts=parts, user=agent)

    kept = Target.objects.get()
    assert (kept.pk, kept.name, kept.created_by) == (target.pk, "Haute, even", agent)
    assert parts_of(kept) == tuple(parts)
    assert (kept.letterboxes, kept.dwellings) == (3, 5)
    assert kept.resolved_at is not None
    assert kept.geometry.geom_type == "MultiPolygon"
    assert kept.area_m2 > 0


def test_saving_again_replaces_the_parts_and_not_the_maker(
    tiny_town: TinyTown, agent: User, make_user: Any, django_assert_num_queries: Any
) -> None:
    target = save_target(name="One", parts=every_kind_of_part(tiny_town), user=agent)
    whole = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]

    second = make_user("second")

    with django_assert_num_queries(7):  # savepoint and its release among them
        save_target(name="Two", parts=whole, user=second, target=target)

    kept = Target.objects.get()
    assert (kept.pk, kept.name, kept.created_by, kept.letterboxes) == (target.pk, "Two", agent, 14)
    assert TargetPart.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_saving_takes_five_queries_however_many_parts(
    tiny_town: TinyTown, count: int, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):  # savepoint and its release among them
        save_target(name="One", parts=every_kind_of_part(tiny_town)[:count], user=None)


def test_refused_change_leaves_the_target_as_it_was(tiny_town: TinyTown, agent: User) -> None:
    parts = every_kind_of_part(tiny_town)
    target = save_target(name="One", parts=parts, user=agent)

    with pytest.raises(PartsMissing):
        save_target(name="Two", parts=[], user=agent, target=target)

    kept = Target.objects.get()
    assert kept.name == "One"
    assert parts_of(kept) == tuple(parts)


@pytest.mark.parametrize("name", ["", "   ", "\x00", None, 7, "x" * 201])
def test_target_needs_a_name(tiny_town: TinyTown, name: object) -> None:
    with pytest.raises(TargetNameMissing):
        save_target(name=name, parts=every_kind_of_part(tiny_town), user=None)

    assert not Target.objects.exists()


def test_target_of_a_consultation_stays(tiny_town: TinyTown, agent: User) -> None:
    target = save_target(name="One", parts=every_kind_of_part(tiny_town), user=agent)
    Consultation.objects.create(slug="trees", title="Trees", summary="…", target=target)

    with pytest.raises(TargetInUse) as refused:
        delete_target(target=target)

    assert refused.value.status == 409
    assert "Trees" in refused.value.detail
    assert Target.objects.exists()


def test_target_that_nobody_uses_goes_with_its_parts(tiny_town: TinyTown) -> None:
    target = save_target(name="One", parts=every_kind_of_part(tiny_town), user=None)

    delete_target(target=target)

    assert not Target.objects.exists()
    assert not TargetPart.objects.exists()


def test_target_deleted_in_the_meantime_is_not_changed(tiny_town: TinyTown, agent: User) -> None:
    parts = every_kind_of_part(tiny_town)
    opened = save_target(name="Haute", parts=parts, user=agent)
    Target.objects.all().delete()

    with pytest.raises(TargetUnknown):
        save_target(name="Haute", parts=parts, user=agent, target=opened)

    assert not Target.objects.exists()
