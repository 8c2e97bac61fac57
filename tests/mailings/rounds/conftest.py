"""A mailing to the whole tiny town: twelve letterboxes in three streets."""

from __future__ import annotations

import pytest
from django.db import connection

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.enums import FlyersPer
from geoparticipation.mailings.models import Mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.tiny_town import TinyTown


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    """Five letterboxes in Rue Haute, three in Rue Basse, four in Avenue du Parc; a flyer for each dwelling."""
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_mailing(name="Autumn", consultation=consultation, target=target, flyers_per=FlyersPer.DWELLING)


@pytest.fixture
def empty_queue(db: None) -> None:
    """Nothing in the task queue: its tables are not emptied between tests that commit."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
