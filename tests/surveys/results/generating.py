"""Many responses at once, as the domain would have stored them, and the same counted in Python."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, LineString, Point
from django.utils import timezone

from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.surveys.models import PlaceAnswer, Survey, SurveyResponse
from neighbourhoods.models import District, Street

FOLLOW_UP_WORDS = ("Fast cars", "=1+1", 'Dark; "at night"', "")


def generate_responses(survey: Survey, count: int, *, seed: int = 5, days: int = 30, batch: int = 5000) -> None:
    """Store responses to the survey of `tests.fixtures.survey`, from all districts and streets there are."""
    dice = random.Random(f"{seed} {survey.slug}")
    districts = list(District.objects.filter(children__isnull=True))
    streets = list(Street.objects.filter(geometry__isnull=False))
    end = timezone.now()
    for start in range(0, count, batch):
        answers = [_answers(dice) for _at in range(min(batch, count - start))]
        contributions = Contribution.objects.bulk_create(
            _contribution(survey, dice, districts, streets, end - timedelta(days=dice.random() * days))
            for _answer in answers
        )
        responses = SurveyResponse.objects.bulk_create(
            SurveyResponse(contribution=contribution, survey=survey, answers=answer)
            for contribution, answer in zip(contributions, answers, strict=True)
        )
        PlaceAnswer.objects.bulk_create(place for response in responses for place in _places(response, survey, dice))


def _contribution(
    survey: Survey, dice: random.Random, districts: list[District], streets: list[Street], at: datetime
) -> Contribution:
    district, street = dice.choice(districts), dice.choice(streets)
    west, south, east, north = district.geometry.extent
    place = Point(dice.uniform(west, east), dice.uniform(south, north), srid=4326)
    return Contribution(
        code=uuid.UUID(int=dice.getrandbits(128), version=4),
        kind=Kind.RESPONSE,
        consultation_id=survey.consultation_id,
        status=Status.COUNTED if dice.random() < 0.97 else Status.HIDDEN,
        origin=dice.choices((Origin.WEB, Origin.PAPER, Origin.PHONE), (8, 2, 1))[0],
        geometry=place,
        public_geometry=street.geometry,
        located_by=LocatedBy.PIN,
        district=district if dice.random() < 0.98 else None,
        street=street,
        language=dice.choice(("fr", "en")),
        submitted_at=at,
    )


def _answers(dice: random.Random) -> dict[str, Any]:
    mode = dice.choices(("foot", "bike", "car", {"other": "=HYPERLINK(1)"}), (40, 30, 20, 1))[0]
    answers: dict[str, Any] = {
        "mode": mode,
        "reasons": dice.sample(("fast", "cheap", "healthy"), dice.randint(1, 2)),
        "order": dice.sample("abc", dice.randint(1, 3)),
        "safe": dice.randint(1, 5),
        "times": {row: dice.choice(("never", "often")) for row in ("work", "shop")},
        "spots": dice.sample(("park", "station"), dice.randint(1, 2)),
        "money": {"lamps": dice.randrange(0, 61, 10), "paths": dice.randrange(10, 91, 10)},
        "since": f"20{dice.randint(20, 25)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
        "word": dice.choice(("Lamps", "+33 4", "-", "@home", "Été")),
        "story": "It is dark.\nEvery night.",
        "agree": True,
    }
    for key in ("reasons", "order", "safe", "spots", "money", "since", "word", "story"):
        if dice.random() < 0.15:
            del answers[key]
    if mode == "car":
        answers["cars"] = dice.randint(1, 9)
    return answers


def _places(response: SurveyResponse, survey: Survey, dice: random.Random) -> list[PlaceAnswer]:
    here = response.contribution.geometry

    def near() -> tuple[float, float]:
        return here.x + dice.gauss(0, 0.002), here.y + dice.gauss(0, 0.002)

    def place(question: str, position: int, geometry: GEOSGeometry, **said: Any) -> PlaceAnswer:
        return PlaceAnswer(
            response=response,
            survey=survey,
            question=question,
            position=position,
            geometry=geometry,
            located_by=LocatedBy.PIN,
            district_id=response.contribution.district_id,
            street_id=response.contribution.street_id,
            follow_up=said,
        )

    places = []
    for position in range(dice.randint(1, 3)):
        why = dice.choice(FOLLOW_UP_WORDS)
        said = {"bad": dice.randint(1, 3)} | ({"why": why} if why else {})
        places.append(place("danger", position, Point(*near(), srid=4326), **said))
    if dice.random() < 0.5:
        places.append(place("way", 0, LineString(near(), near(), srid=4326)))
    return places


def counted_again(survey: Survey) -> Counter[tuple[str, str, str, int]]:
    """People by question, part, value and district, from the rows themselves; without hexagons."""
    counts: Counter[tuple[str, str, str, int]] = Counter()
    counted = SurveyResponse.objects.filter(survey=survey, contribution__status=Status.COUNTED)
    for response in counted.select_related("contribution").prefetch_related("places"):
        where = response.contribution.district_id or 0
        counts["", "", "", where] += 1
        for key, value in response.answers.items():
            counts[key, "", "", where] += 1
            for part, one in _values(key, value):
                counts[key, part, one, where] += 1
        for key in {place.question for place in response.places.all()}:
            counts[key, "", "", where] += 1
        for place in response.places.all():
            for key, value in place.follow_up.items():
                counts[place.question, f"place:{key}", "", where] += 1
                if key == "bad":
                    counts[place.question, f"place:{key}", str(value), where] += 1
    return counts


def _values(key: str, value: Any) -> list[tuple[str, str]]:
    match key:
        case "mode":
            return [("", "other" if isinstance(value, dict) else value)]
        case "reasons" | "spots":
            return [("", one) for one in value]
        case "order":
            return [(str(place), one) for place, one in enumerate(value, start=1)]
        case "safe" | "cars":
            return [("", str(value))]
        case "times":
            return list(value.items())
        case "money":
            least = {"lamps": 0, "paths": 10}
            given = {item: value.get(item, least[item]) for item in least}
            return [(item, "more" if amount > least[item] else "least") for item, amount in given.items()]
        case "since":
            return [("", value[:7])]
    return []
