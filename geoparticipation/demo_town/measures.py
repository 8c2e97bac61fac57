"""What the demo's commune made of ideas: two done and two under way, with pictures, places and money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain.hold_photo import hold_photo
from geoparticipation.demo_town.pictures import draw_photo
from geoparticipation.followup.domain.measure_photos import SaidOfPhoto, keep_photos
from geoparticipation.followup.domain.measures import record_progress
from geoparticipation.followup.models import Measure
from geoparticipation.followup.queries import to_note
from layers.geometry import buffered
from neighbourhoods.domain.territory import territory_covers

# Progress, euros spent, days ago when done, words, and pictures: which one, when, and what it shows.
WINNERS: Final = (
    (
        "done",
        Decimal("6120.40"),
        35,
        "It is done, and open to everybody. Thank you for your votes, and for your patience with the noise.",
        (
            ("crossing", "before", "The place before: paving, parked cars and no shade."),
            ("meadow", "after", "The place now: tall grass and flowers under a large tree."),
        ),
    ),
    (
        "under_way",
        Decimal(1850),
        None,
        "Les travaux ont commencé ; la rue reste ouverte aux piétons.",
        (("bicycles", "before", "L’endroit avant les travaux : des vélos attachés à des arceaux."),),
    ),
)
AFTER: Final = ("bench", "after", "Un banc en bois avec dossier, sur un pavage clair, à côté de l’herbe.")


def load_measures(*, agent: User) -> None:
    """Give the measure of the oldest accepted idea pictures and a place of its own, and follow winners of a vote."""
    accepted = Measure.objects.filter(progress="done").select_related("contribution").order_by("pk").first()
    if accepted is not None:
        idea = accepted.contribution
        # As wide as what was built around the spot.
        area = buffered(idea.public_geometry.point_on_surface, 12)
        record_progress(
            contribution=idea,
            agent=agent,
            progress="done",
            text="Les travaux ont duré onze jours, avec l’entreprise de la commune voisine.",
            spent=accepted.spent,
            done_on=accepted.done_on,
            geometry=area if territory_covers(area) else None,
        )
        _picture(accepted, agent, (("crossing", "before", "La rue avant les travaux, sans banc."), AFTER))
    winners = to_note().filter(measure=None, project__isnull=False)[: len(WINNERS)]
    for winner, (progress, spent, days_ago, text, pictures) in zip(winners, WINNERS, strict=False):
        done_on = timezone.localdate() - timedelta(days=days_ago) if days_ago is not None else None
        measure = record_progress(
            contribution=winner, agent=agent, progress=progress, text=text, spent=spent, done_on=done_on
        )
        _picture(measure, agent, pictures)


def _picture(measure: Measure, agent: User, pictures: tuple[tuple[str, str, str], ...]) -> None:
    """Send the pictures as an agent's page does."""
    actor = Actor(user=agent, level=IdentityLevel.EMAIL)
    said = []
    for name, moment, description in pictures:
        content, _words = draw_photo(name)
        said.append(SaidOfPhoto(hold_photo(actor=actor, content=content).code, moment, description))
    keep_photos(measure=measure, agent=agent, photos=said)
