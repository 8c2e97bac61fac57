"""Two councils in the tiny town, and who sits in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.councils.domain.councils import save_council, save_member
from geoparticipation.councils.models import Council
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import District, Target
from tests.fixtures.cast import MakeUser
from tests.fixtures.tiny_town import TinyTown


def target_of(district: District, name: str = "") -> Target:
    """A target of a whole district."""
    return save_target(
        name=name or district.name, parts=[PartSpec(kind=PartKind.DISTRICT, district_id=district.pk)], user=None
    )


@dataclass(frozen=True)
class Councils:
    """The council of West, that of East, and by what they are everybody who may or may not act for West's."""

    west: Council
    east: Council
    people: dict[str, User | None]


@pytest.fixture
def councils(tiny_town: TinyTown, cast: dict[str, User], make_user: MakeUser) -> Councils:
    """West, whose `councillor` sits in it today, and East; beside the cast those who nearly have the right."""
    agent = cast["agent"]
    west = save_council(agent=agent, name="Council of West", area=target_of(tiny_town.west))
    east = save_council(agent=agent, name="Council of East", area=target_of(tiny_town.east))
    today = timezone.localdate()
    people: dict[str, User | None] = {**cast, "visitor": None}
    for name in ("of another council", "whose term is over", "whose term is to come", "without a seat", "closed"):
        people[name] = make_user(name.replace(" ", "-"), Role.COUNCILLOR)
    people["citizen with a seat"] = make_user("seated")

    def seat(council: Council, person: str, since: int = -100, until: int | None = None) -> None:
        save_member(
            agent=agent,
            council=council,
            name=person.capitalize(),
            user=people[person],
            since=today + timedelta(days=since),
            until=None if until is None else today + timedelta(days=until),
        )

    seat(west, "councillor")
    seat(east, "of another council")
    seat(west, "whose term is over", until=-1)
    seat(west, "whose term is to come", since=1)
    seat(west, "citizen with a seat")
    seat(west, "closed")
    closed = people["closed"]
    assert closed is not None
    closed.is_active = False
    closed.save()
    return Councils(west, east, people)
