"""Plans of the demo town: a street with three variants that people compare now, and one whose results are told."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Final

import shapely
from django.utils import timezone
from shapely.geometry import LineString
from shapely.ops import linemerge, substring

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.domain import apply_process_template, publish_consultation, save_consultation
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy
from geoparticipation.demo_town.plan_texts import CALM_STREET, MARKET_STREET, PlanTexts
from geoparticipation.scenarios.domain.places import add_place, describe_place
from geoparticipation.scenarios.domain.plans import publish_plan, save_plan
from geoparticipation.scenarios.domain.preferences import state_preference
from geoparticipation.scenarios.domain.results import release_results
from geoparticipation.scenarios.domain.variants import FeatureInput, replace_features, save_variant
from geoparticipation.scenarios.enums import ResultsShown
from geoparticipation.scenarios.models import Plan, PlanPlace, Variant
from layers.geometry import WGS84, buffered, from_shapely, metric_srid_for, reprojected, to_shapely
from layers.keyed_hash import keyed_hash
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.domain.territory import territory_covers
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Street

LENGTHS_M: Final = (420.0, 200.0, 90.0)
"""Of the street that is drawn over: the first that lies in the territory."""
TREE_EVERY_M: Final = 14.0
SIDE_M: Final = 5.0
VOICES: Final = 24


@dataclass(frozen=True)
class _Course:
    """A stretch of a street in metres of a projection."""

    street: Street
    line: LineString
    srid: int

    def put(self, shape: shapely.Geometry) -> shapely.Geometry:
        return from_shapely(reprojected(shape, self.srid, WGS84))

    def part(self, start: float, end: float, aside_m: float = 0) -> LineString:
        """From one share of the length to another, to the left (or, negative, the right) of the middle."""
        part = substring(self.line, start, end, normalized=True)
        moved = part.offset_curve(aside_m) if aside_m else part
        return moved if moved.geom_type == "LineString" and not moved.is_empty else part


def load_plans(
    *, agent: User, people: Sequence[User], streets: Sequence[Street], now_in: Consultation, today: date, seed: int
) -> None:
    """Let people compare the variants of a street in `now_in`, and show what they preferred in an earlier consultation.

    Nothing where no street lies wholly in the territory.
    """
    courses = _courses(streets)
    chance = random.Random(seed)  # noqa: S311  (a demo, not a secret)
    voices = [_visitor(seed, number) for number in range(VOICES)]
    if (course := next(courses, None)) is None:
        return
    now = timezone.now()
    plan = _make(agent, now_in, course, CALM_STREET, ResultsShown.ALWAYS)
    _answer(plan, voices, chance, at=now - timedelta(hours=30))
    _comment(plan, people, CALM_STREET, at=now - timedelta(hours=20))
    release_results(plan=plan)
    course = next(courses, course)
    past = save_consultation(
        user=agent,
        title=f"{course.street.name}: which street do we want?",
        summary="Three variants were shown for six weeks. Here is what people prefer, place by place.",
        language="en",
        target=save_target(
            name=f"Along {course.street.name}",
            parts=[PartSpec(kind=PartKind.STREET, street_id=course.street.pk, buffer_m=60)],
            user=agent,
        ),
        political_lead="Sofia Lemaire, alderwoman for mobility",
        operational_lead="Tom Wagner, roads department",
    )
    starts_on = today - timedelta(days=120)
    apply_process_template(
        consultation=past, template="consultation", starts_on=starts_on, days=(7, 42, 14, 14, None), user=agent
    )
    publish_consultation(consultation=past, user=agent)
    plan = _make(agent, past, course, MARKET_STREET, ResultsShown.AFTERWARDS)
    during = now - timedelta(days=100)
    _answer(plan, voices, chance, at=during)
    _comment(plan, people, MARKET_STREET, at=during)
    release_results(plan=plan)


def _visitor(seed: int, number: int) -> Actor:
    return Actor(device=Device(key_hash=keyed_hash("demo plan", str(seed), str(number))), level=IdentityLevel.DEVICE)


def _courses(streets: Sequence[Street]) -> Iterator[_Course]:
    """Stretches of streets that lie in the territory with some room at both sides, the busiest first."""
    for street in streets:
        merged = linemerge(to_shapely(street.geometry)) if street.geometry else None
        if merged is None or merged.is_empty:
            continue
        line = max(getattr(merged, "geoms", [merged]), key=lambda one: one.length)
        srid = metric_srid_for(from_shapely(line))
        for stretch in _stretches(reprojected(line, WGS84, srid)):
            if territory_covers(buffered(from_shapely(reprojected(stretch, srid, WGS84)), 25)):
                yield _Course(street, stretch, srid)
                break


def _stretches(line: LineString) -> Iterator[LineString]:
    """Parts of a course in metres, long ones first: an extract may end in the middle of the street."""
    for longest in LENGTHS_M:
        for start in (0.0, 0.3, 0.6):
            stretch = substring(line, start * line.length, min(line.length, start * line.length + longest))
            if stretch.length > longest / 2:
                yield stretch


def _make(agent: User, into: Consultation, course: _Course, texts: PlanTexts, shown: str) -> Plan:
    name = course.street.name
    plan = save_plan(
        agent=agent,
        consultation=into,
        title=texts.title.format(street=name),
        text=texts.text.format(street=name),
        results_shown=shown,
    )
    variants = [save_variant(agent=agent, plan=plan, name=said.name, text=said.text) for said in texts.variants]
    replace_features(agent=agent, variant=variants[1], features=_trees(course, texts))
    replace_features(agent=agent, variant=variants[2], features=_tracks(course, texts))
    for number, spot in enumerate(texts.places):
        middle = (number + 0.5) / len(texts.places)
        around = course.line.interpolate(middle, normalized=True).buffer(min(26, course.line.length / 9))
        place = add_place(agent=agent, plan=plan, name=spot.name, text=spot.text, geometry=course.put(around))
        describe_place(
            agent=agent,
            place=place,
            name=spot.name,
            text=spot.text,
            notes=dict(zip(variants, spot.notes, strict=True)),
        )
    return publish_plan(agent=agent, plan=plan)


def _trees(course: _Course, texts: PlanTexts) -> list[FeatureInput]:
    """Trees along both sides, and a terrace in the middle."""
    found = []
    for side in (SIDE_M, -SIDE_M):
        row = course.part(0.02, 0.98, side)
        for step in range(int(row.length // TREE_EVERY_M) + 1):
            point = course.put(row.interpolate(step * TREE_EVERY_M))
            found.append(FeatureInput(point, texts.tree, texts.tree_kind, 1800))
    terrace = course.part(0.55, 0.7).buffer(3.5, cap_style="flat")
    return [*found, FeatureInput(course.put(terrace), texts.terrace, texts.terrace_kind, 95_000)]


def _tracks(course: _Course, texts: PlanTexts) -> list[FeatureInput]:
    """A tram in the middle, cycle paths at the sides, and two stops."""
    stops = [course.put(course.line.interpolate(share, normalized=True)) for share in (0.15, 0.85)]
    return [
        FeatureInput(course.put(course.part(0, 1)), texts.tram, texts.tram_kind, 2_400_000),
        *(
            FeatureInput(course.put(course.part(0.01, 0.99, side)), texts.cycle, texts.cycle_kind, 310_000)
            for side in (SIDE_M, -SIDE_M)
        ),
        *(FeatureInput(stop, texts.stop, texts.tram_kind, 60_000) for stop in stops),
    ]


def _answer(plan: Plan, voices: Sequence[Actor], chance: random.Random, *, at: datetime) -> None:
    """Let most people answer at most places, with another favourite at each."""
    variants: list[Variant | None] = [*plan.variants.all(), None]
    weights = cycle([(2, 10, 6, 1), (1, 6, 12, 1), (6, 12, 2, 2), (3, 9, 8, 1)])
    for place, weight in zip(plan.places.all(), weights, strict=False):
        for actor in voices:
            if chance.random() < 0.9:
                (variant,) = chance.choices(variants, weight)
                state_preference(actor=actor, place=place, variant=variant, at=at)


def _comment(plan: Plan, people: Sequence[User], texts: PlanTexts, *, at: datetime) -> None:
    speakers = cycle(people)
    places: list[PlanPlace] = list(plan.places.select_related("contribution"))
    for number, body in texts.comments:
        submit_contribution(
            actor=Actor(user=next(speakers), level=IdentityLevel.EMAIL),
            consultation=plan.consultation,
            kind=Kind.COMMENT,
            parent=places[number].contribution,
            body=body,
            located_by=LocatedBy.INHERITED,
            language=plan.language,
            charter_accepted=True,
            at=at,
        )
