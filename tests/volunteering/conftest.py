"""An exchange in the tiny town, an association that was checked, and ways to make offers and missions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Consultation
from geoparticipation.volunteering.domain.associations import check_association, save_association
from geoparticipation.volunteering.domain.details import When
from geoparticipation.volunteering.domain.missions import submit_mission
from geoparticipation.volunteering.domain.offers import submit_offer
from geoparticipation.volunteering.domain.skills import save_skill
from geoparticipation.volunteering.models import Association, Mission, Skill, VolunteerOffer
from tests.fixtures.question import MakeConsultation, actor_of
from tests.fixtures.tiny_town import TinyTown

MakeOffer = Callable[..., VolunteerOffer]
MakeMission = Callable[..., Mission]

SATURDAY_MORNING = 5 * 3
PARK = (4.412, 50.845)
"""In the park, in East."""


@pytest.fixture
def exchange(make_consultation: MakeConsultation) -> Consultation:
    """A consultation whose only phase is the exchange."""
    return make_consultation(PhaseKind.VOLUNTEERING)


@pytest.fixture
def skills(agent: User) -> dict[str, Skill]:
    """Gardening and reading."""
    names = {"gardening": ("Jardinage", "Gardening"), "reading": ("Lecture", "Reading aloud")}
    return {key: save_skill(user=agent, names={"fr": fr, "en": en}) for key, (fr, en) in names.items()}


@pytest.fixture
def association(agent: User, councillor: User, tiny_town: TinyTown) -> Association:
    """The gardeners, for whom the councillor acts."""
    made = save_association(
        actor=actor_of(councillor), name="Les Jardiniers", summary="We garden.", geometry=Point(*PARK, srid=4326)
    )
    return check_association(user=agent, association=made, accepted=True)


@pytest.fixture
def make_offer(exchange: Consultation, citizen: User, skills: dict[str, Skill], tiny_town: TinyTown) -> MakeOffer:
    """Offer gardening on Saturday mornings from 3, Rue Haute, by the citizen, unless told otherwise."""

    def make(*, by: User | None = None, **said: Any) -> VolunteerOffer:
        return submit_offer(
            **{
                "actor": actor_of(by or citizen),
                "consultation": exchange,
                "title": "I can dig",
                "skills": [skills["gardening"]],
                "when": When([SATURDAY_MORNING]),
                "reach_m": 2000,
                "on_foot": False,
                "geometry": tiny_town.addresses["haute 3"].geometry,
                **said,
            }
        )

    return make


@pytest.fixture
def make_mission(
    exchange: Consultation, councillor: User, association: Association, skills: dict[str, Skill]
) -> MakeMission:
    """Ask for a gardener on Saturday mornings in the park, for the association, unless told otherwise."""

    def make(*, by: User | None = None, **said: Any) -> Mission:
        return submit_mission(
            **{
                "actor": actor_of(by or councillor),
                "association": association,
                "consultation": exchange,
                "title": "Plant the hedge",
                "skills": [skills["gardening"]],
                "when": When([SATURDAY_MORNING]),
                "geometry": Point(*PARK, srid=4326),
                **said,
            }
        )

    return make
