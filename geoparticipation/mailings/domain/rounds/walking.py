"""How long it takes to deliver: the time model, whose figures are settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Pace:
    """What a person with a bag of flyers does in what time."""

    metres_per_minute: float
    seconds_per_letterbox: float
    seconds_per_crossing: float

    @property
    def crossing_m(self) -> float:
        """How far one walks in the time that crossing a street takes."""
        return self.seconds_per_crossing * self.metres_per_minute / 60

    def seconds(self, *, length_m: float, letterboxes: int, crossings: int) -> float:
        """How long a walk takes with everything that is done on it."""
        return (
            length_m / self.metres_per_minute * 60
            + letterboxes * self.seconds_per_letterbox
            + crossings * self.seconds_per_crossing
        )


def usual_pace() -> Pace:
    """The pace that the settings give."""
    return Pace(
        metres_per_minute=settings.ROUND_METRES_PER_MINUTE,
        seconds_per_letterbox=settings.ROUND_SECONDS_PER_LETTERBOX,
        seconds_per_crossing=settings.ROUND_SECONDS_PER_CROSSING,
    )
