"""The life that `make demo` puts into a town."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db.models import Sum
from django.test import override_settings
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.phases import open_phase
from geoparticipation.contributions.enums import LocatedBy, Status
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from geoparticipation.councils.models import Council
from geoparticipation.councils.rules import councils_of
from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.periods import Period, last_twelve_months
from geoparticipation.dashboards.indicators.reading import read_indicators
from geoparticipation.demo_town.loading import STAFF, DemoTown, is_loaded, load_town_life
from geoparticipation.demo_town.places import PlaceMaker, busiest_streets
from geoparticipation.followup.models import Case, Measure, MeasurePhoto
from geoparticipation.followup.queries import word_kept
from geoparticipation.mailings.models import Mailing
from geoparticipation.meetings.models import Meeting, Workshop
from geoparticipation.scenarios.models import Plan
from geoparticipation.volunteering.models import Agreement, Association
from tests.fixtures.tiny_town import TOWN_BOX, TinyTown, build_tiny_town


@pytest.fixture(scope="module")
def life(shared_database: None, tmp_path_factory: pytest.TempPathFactory) -> DemoTown:
    """The demo in the tiny town, loaded once for the tests of this module."""
    build_tiny_town()
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("demo")):
        return load_town_life()


@pytest.fixture
def lived_in(life: DemoTown, db: None) -> DemoTown:
    """What was loaded; what a test changes of it is undone."""
    return life


def test_empty_town_has_no_demo(tiny_town: TinyTown) -> None:
    assert not is_loaded()


def test_places_are_inside_the_town_and_repeat_with_the_seed(tiny_town: TinyTown) -> None:
    shapes = ("point", "line", "area", "park", "points", "lines", "areas", "mixed")
    first, again, other = (PlaceMaker(busiest_streets(3), seed) for seed in (1, 1, 2))

    places = [first.make(shape)[0] for shape in shapes]

    assert [again.make(shape)[0].wkt for shape in shapes] == [place.wkt for place in places]
    assert [other.make(shape)[0].wkt for shape in shapes] != [place.wkt for place in places]
    west, south, east, north = TOWN_BOX
    for place in places:
        assert place.valid
        x_min, y_min, x_max, y_max = place.extent
        assert west <= x_min <= x_max <= east
        assert south <= y_min <= y_max <= north


def test_demo_has_sixty_public_contributions_of_all_geometry_types(lived_in: DemoTown) -> None:
    public = Contribution.objects.filter(status=Status.PUBLISHED)
    assert public.count() >= 60
    assert {contribution.geometry.geom_type for contribution in public} == {
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
    }
    assert Contribution.objects.filter(status=Status.SUBMITTED).count() == 3  # the moderators' queue is not empty
    assert not Contribution.objects.filter(shares__isnull=True).exists()
    assert ContributionDistrict.objects.filter(district__code="TINY").count() == Contribution.objects.count()


def test_demo_consultations_have_targets_that_reach_homes(lived_in: DemoTown) -> None:
    consultations = Consultation.objects.select_related("target").filter(
        budget__isnull=True, process_template__in=["consultation", "ideas"]
    )
    assert consultations.count() == 7
    assert all(consultation.target and consultation.target.letterboxes > 0 for consultation in consultations)


def test_demo_has_a_volunteering_exchange_where_people_have_agreed(lived_in: DemoTown) -> None:
    exchange = Consultation.objects.get(process_template="volunteering")
    online = exchange.contributions.filter(status=Status.PUBLISHED)
    assert online.filter(kind="offer").count() == 12
    assert online.filter(kind="mission").count() == 7
    assert set(online.values_list("language", flat=True)) == {"fr", "en"}
    assert Association.objects.public().count() == 2
    assert Association.objects.count() == 3
    assert set(Agreement.objects.values_list("state", flat=True)) >= {"done", "accepted"}
    citizen = User.objects.get(email="citizen@example.org")
    assert exchange.contributions.filter(author=citizen, kind="offer").exists()
    assert Association.objects.of(citizen).count() == 1


def test_demo_votes_on_24_of_34_projects_with_40_000_euros(lived_in: DemoTown) -> None:
    budget = Budget.objects.get(closed_at__isnull=True)
    assert (budget.method, budget.open_to_outside, budget.envelopes.get().amount) == ("envelope", True, 40_000)
    assert Counter(budget.projects.values_list("state", flat=True)) == {"shortlisted": 24, "refused": 10}
    assert all(budget.projects.filter(state="refused").values_list("reason", flat=True))
    assert open_phase(budget.consultation, Feature.BALLOT) is not None
    assert budget.consultation.help_place
    costs = budget.ballots.annotate(cost=Sum("choices__project__cost")).values_list("cost", flat=True)
    assert 0 < min(costs) <= max(costs) <= 40_000
    assert budget.ballot_events.filter(origin="paper").count() == 2
    assert budget.paper_entries.filter(taken_at__isnull=True).count() == 1  # waits for the second agent
    past = Budget.objects.get(closed_at__isnull=False)
    assert past.counted["winners"]
    assert past.counted["ballots"] == past.ballots.count()


def test_demo_accounts_can_sign_in_with_the_documented_password(lived_in: DemoTown) -> None:
    assert is_loaded()
    for email, _name, role in STAFF:
        person = User.objects.get(email=email)
        assert person.check_password("geoparticipation-demo")
        assert person.role == role


def test_counts_of_support_are_the_numbers_of_supports(lived_in: DemoTown) -> None:
    contributions = Contribution.objects.prefetch_related("supports")
    assert all(contribution.support_count == len(contribution.supports.all()) for contribution in contributions)
    assert sum(contribution.support_count for contribution in contributions) == lived_in.supports > 100


def test_demo_commune_has_answered_in_time_late_and_not_at_all(lived_in: DemoTown) -> None:
    town, _districts = word_kept(timezone.localdate())
    assert (town.taken_up, town.answered, town.in_time, town.overdue, town.realised) == (8, 5, 4, 1, 1)


def test_demo_has_measures_with_pictures_places_and_money(lived_in: DemoTown) -> None:
    on_map = Measure.objects.on_map().with_place()

    assert Counter(on_map.values_list("progress", flat=True)) == {"done": 2, "under_way": 2}
    assert [measure.place.geom_type for measure in on_map.filter(geometry__isnull=False)] == ["Polygon"]
    assert MeasurePhoto.objects.filter(measure__contribution__project__isnull=False).count() == 3
    assert {photo.moment for photo in MeasurePhoto.objects.all()} == {"before", "after"}
    assert Measure.objects.filter(spent__isnull=False).count() == 3


def test_demo_has_figures_for_each_of_twelve_months(lived_in: DemoTown) -> None:
    found = read_indicators(period=last_twelve_months(timezone.localdate()), level="district")

    assert len(found.course) == 12
    for month, values in found.course:
        assert values[Figure.IDEAS], month
        assert values[Figure.SUPPORTS], month
        assert (values[Figure.ACTIVE] or 0) >= 5, month
        assert (values[Figure.REGISTERED] or 0) >= 5, month
    assert {line.place.code: bool(line.now[Figure.IDEAS]) for line in found.lines if line.place} == {
        "E": True,
        "W": True,
    }
    until_now = read_indicators(period=Period(found.period.first, timezone.localdate().replace(day=1)))
    totals = {shown.figure: shown.now for shown in until_now.figures}
    assert totals[Figure.TAKEN_UP] == 8
    assert totals[Figure.REALISED] == Measure.objects.filter(progress="done").count() > 0


def test_demo_mailing_came_back_in_part_and_is_followed_by_reminders(lived_in: DemoTown) -> None:
    first, second, third = Mailing.objects.order_by("pk")
    answered = [mailing.letterboxes.filter(voices_used__gt=0).count() for mailing in (first, second)]
    assert first.delivered_on is not None
    assert first.delivered_on < (second.delivered_on or first.delivered_on)
    assert 0 < answered[0] < first.letterbox_count
    assert Contribution.objects.filter(located_by=LocatedBy.LETTERBOX).count() == sum(answered)
    assert first.rounds.exists()
    assert (second.only_unanswered_of, third.only_unanswered_of, third.delivered_on) == (first, second, None)
    assert second.letterbox_count == first.letterbox_count - answered[0]
    assert third.letterbox_count == first.letterbox_count - sum(answered)


def test_demo_has_a_full_meeting_to_come_and_one_with_decisions(lived_in: DemoTown) -> None:
    with_children = Meeting.objects.filter(workshop=None, council=None).exclude(consultation__title__contains="marché")
    coming, past = with_children.order_by("-starts_at")
    assert (coming.registrations.filter(state="confirmed").count(), coming.registrations.count()) == (6, 8)
    assert [decision.contribution is not None for decision in past.decisions.all()] == [True, True]


def test_demo_has_a_process_with_one_step_more_and_something_to_read_in_each(lived_in: DemoTown) -> None:
    consultation = Consultation.objects.get(title__contains="marché")
    phases = consultation.phases.all()
    assert [phase.kind for phase in phases] == [
        "presentation", "contribution", "synthesis", "debate", "debate", "decision"
    ]  # fmt: skip
    assert all(phase.outcome for phase in phases)
    debates = [phase for phase in phases if phase.kind == "debate"]
    for phase, meeting in zip(debates, consultation.meetings.order_by("starts_at"), strict=True):
        assert phase.starts_at <= meeting.starts_at < phase.ends_at
        assert meeting.minutes
        assert meeting.decisions.exists()
    assert Case.objects.filter(contribution__consultation=consultation, answer__isnull=False).count() == 2
    assert Consultation.objects.filter(phases__kind="debate", phases__title="Deuxième débat").count() == 1


def test_demo_has_a_council_that_publishes_and_one_that_asks(lived_in: DemoTown) -> None:
    first, second = Council.objects.order_by("pk")
    councillor = User.objects.get(email="council@example.org")
    assert list(councils_of(councillor)) == [first]
    assert [(council.language, council.may_publish) for council in (first, second)] == [("fr", True), ("en", False)]
    assert first.started.get().consultation.state == "published"
    assert (second.started.get().consultation.state, second.started.get().asked_at is None) == ("draft", False)
    for council in (first, second):
        past, coming = council.meetings.order_by("starts_at")
        assert past.decisions.exists()
        assert coming.starts_at > timezone.now()


def test_demo_has_a_workshop_that_is_open_with_notes_in_groups(lived_in: DemoTown) -> None:
    workshop = Workshop.objects.get()
    assert (workshop.state, workshop.is_locked, workshop.meeting.ends_at > timezone.now()) == ("open", False, True)
    grouped = Counter(workshop.notes.values_list("group__name", flat=True))
    assert grouped == {"Arbres": 4, "Eau": 3, None: 5}
    assert {note.geometry.geom_type for note in workshop.notes.all()} >= {"Point"}


def test_demo_has_a_plan_to_compare_now_and_one_whose_results_are_told(lived_in: DemoTown) -> None:
    current, past = Plan.objects.order_by("pk")
    assert [plan.language for plan in (current, past)] == ["fr", "en"]
    assert [(plan.variants.count(), plan.places.count(), plan.told_at_end) for plan in (current, past)] == [
        (3, 4, False),
        (3, 4, True),
    ]
    for plan in (current, past):
        assert plan.variants.get(position=1).features.count() == 0
        assert plan.preferences.count() > 60
        assert Contribution.objects.filter(parent__plan_place__plan=plan, status=Status.PUBLISHED).count() > 2
        assert {place.told["in_fives"] for place in plan.places.all()} == {plan == current}
