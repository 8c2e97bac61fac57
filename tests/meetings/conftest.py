"""A meeting in the tiny town."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.meetings.domain.meetings import announce_meeting, save_meeting
from geoparticipation.meetings.models import Meeting
from tests.fixtures.question import IN_RUE_HAUTE
from tests.fixtures.tiny_town import TinyTown

MakeMeeting = Callable[..., Meeting]


@pytest.fixture
def make_meeting(tiny_town: TinyTown, agent: User) -> MakeMeeting:
    """Make a meeting in Rue Haute in three days, for two hours, announced unless told otherwise."""

    def make(*, announced: bool = True, days: float = 3, **said: Any) -> Meeting:
        starts_at = timezone.now() + timedelta(days=days)
        meeting = save_meeting(
            **{
                "agent": agent,
                "title": "The new square",
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(hours=2),
                "place_name": "Town hall",
                "geometry": Point(*IN_RUE_HAUTE, srid=4326),
                "registers": True,
                **said,
            }
        )
        return announce_meeting(agent=agent, meeting=meeting) if announced else meeting

    return make
