"""One round of the whole tiny town: twelve letterboxes."""

from __future__ import annotations

import pytest

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.rounds import plan_rounds
from geoparticipation.mailings.models import Mailing, Round
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.tiny_town import TinyTown


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_mailing(name="Autumn", consultation=consultation, target=target)


@pytest.fixture
def walked(mailing: Mailing) -> Round:
    (made,) = plan_rounds(mailing=mailing, rounds=1).rounds
    return made
