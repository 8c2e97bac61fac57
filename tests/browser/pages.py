"""Every page of the site that a person can open, and who opens it; `test_every_page_is_looked_at` keeps it complete."""

from __future__ import annotations

import io
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel, Role
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device, User
from geoparticipation.budgets.ballot_paper import Choice, ballot_paper
from geoparticipation.budgets.domain.cast_ballot import store_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.projects import decide_project
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.models import Ballot, Budget, Project
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.models import Contribution, Export
from geoparticipation.councils.domain.consultations import start_consultation
from geoparticipation.councils.domain.councils import save_council, save_member
from geoparticipation.councils.models import Council
from geoparticipation.dashboards.indicators.counting import count_indicators
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import record_study, take_up
from geoparticipation.followup.domain.commitments import set_commitment
from geoparticipation.followup.domain.measures import record_progress
from geoparticipation.followup.models import Case, CollegeMeeting
from geoparticipation.mailings.domain.letterbox_codes import use_code
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.domain.rounds import ask_for_rounds, plan_rounds
from geoparticipation.mailings.domain.walks.links import make_link
from geoparticipation.mailings.domain.walks.record_acts import record_act
from geoparticipation.mailings.models import LetterboxCode, Mailing, MailingOrder, Round, RoundPlan
from geoparticipation.meetings.domain.meetings import announce_meeting, save_meeting, write_minutes
from geoparticipation.meetings.domain.registrations import enter_registration, register_for
from geoparticipation.meetings.domain.workshop.facilitating import (
    group_notes,
    hide_notes,
    open_vote,
    open_workshop,
    save_group,
    set_up_workshop,
)
from geoparticipation.meetings.domain.workshop.notes import place_note
from geoparticipation.meetings.domain.workshop.votes import give_dot
from geoparticipation.meetings.models import Meeting
from geoparticipation.scenarios.domain.files import read_variant_file
from geoparticipation.scenarios.domain.places import add_place, describe_place
from geoparticipation.scenarios.domain.plans import publish_plan, save_plan
from geoparticipation.scenarios.domain.preferences import state_preference
from geoparticipation.scenarios.domain.results import release_results
from geoparticipation.scenarios.domain.variants import FeatureInput, replace_features, save_variant
from geoparticipation.scenarios.models import Plan
from geoparticipation.surveys.domain import save_survey, submit_response
from geoparticipation.surveys.enums import ResultsShown, SurveyState
from geoparticipation.surveys.models import Survey
from geoparticipation.volunteering.domain.agreements import ask_to_help, change_agreement
from geoparticipation.volunteering.domain.associations import check_association, invitation_of, save_association
from geoparticipation.volunteering.domain.details import When
from geoparticipation.volunteering.domain.missions import submit_mission
from geoparticipation.volunteering.domain.offers import submit_offer
from geoparticipation.volunteering.domain.skills import save_skill
from geoparticipation.volunteering.models import Agreement, Association
from neighbourhoods.domain.registers import describe_upload, receive_upload
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, District, RegisterUpload
from tests.fixtures.question import actor_of
from tests.fixtures.register_files import latin_csv
from tests.fixtures.survey import ANSWERS, DEFINITION
from tests.fixtures.survey import definition as survey_definition
from tests.surveys.results.generating import generate_responses

if TYPE_CHECKING:
    from tests.browser.conftest import LivelyTown

ANYBODY, CITIZEN, AGENT, COUNCILLOR = "anybody", "citizen", "agent", "councillor"
VISITORS = (ANYBODY, CITIZEN, AGENT, COUNCILLOR)


@dataclass(frozen=True)
class PageOfSite:
    """A page: the name of its address, who looks at it, and its path in the lively town."""

    name: str
    seen_by: str
    path: Callable[[LivelyTown], str]
    has_map: bool = False
    status: int = 200


def _page(
    name: str, *, by: str = ANYBODY, arguments: Callable[[LivelyTown], list] = lambda _town: [], **more: object
) -> PageOfSite:
    query = str(more.pop("query", ""))
    return PageOfSite(name, by, lambda town: reverse(name, args=arguments(town)) + query, **more)  # type: ignore[arg-type]


def _confirmation(_town: LivelyTown) -> list:
    person = User.objects.create_user("fresh@example.org", "a-password-of-the-fresh", name="Fresh")
    address = EmailAddress.objects.create(user=person, email=person.email, primary=True)
    return [EmailConfirmationHMAC(address).key]


def _new_password(_town: LivelyTown) -> list:
    person = User.objects.get(email="neighbour@example.org")
    return [user_pk_to_url_str(person), default_token_generator.make_token(person)]


def _followed(act: str) -> Callable[[LivelyTown], list]:
    """The town's idea at a stage of its follow-up: "" is not taken up; its code, or the college meeting's number."""

    def made(town: LivelyTown) -> list:
        agent = User.objects.get(email="agent@example.org")
        today = timezone.localdate()
        set_commitment(agent=agent, in_force_from=today, support_threshold=50, study_days=30, answer_days=60)
        Case.objects.all().delete()
        if act:
            case = take_up(contribution=town.idea, agent=agent)
        if act in {"studied", "agenda", "answered"}:
            record_study(case=case, agent=agent, department="Espaces verts", verdict="changes", text="Six arbres.")
        if act == "answered":
            publish_answer(case=case, agent=agent, decision="partly", text="Six arbres.", signed_by="A. Weber, maire")
            record_progress(contribution=town.idea, agent=agent, progress="under_way", text="Les trous sont faits.")
        return [CollegeMeeting.objects.first().pk] if act == "agenda" else [town.idea.code]

    return made


def _counted(_town: LivelyTown) -> list:
    """Nothing in the address; the figures are counted."""
    count_indicators()
    return []


def _meeting(town: LivelyTown) -> list:
    """A meeting at the place of the town's idea, with one person on the waiting list, minutes and a decision."""
    agent = User.objects.get(email="agent@example.org")
    starts_at = timezone.now() + timedelta(days=3)
    meeting = save_meeting(
        agent=agent,
        title="Une soirée sur la place",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place_name="Mairie, salle du conseil",
        geometry=town.idea.geometry,
        text="Venez voir le plan.",
        programme="19 h : le plan",
        registers=True,
        capacity=1,
    )
    announce_meeting(agent=agent, meeting=meeting)
    enter_registration(agent=agent, meeting=meeting, name="M. Muller")
    register_for(actor=Actor(user=agent, level=IdentityLevel.EMAIL), meeting=meeting)
    write_minutes(agent=agent, meeting=meeting, minutes="On a parlé.", decisions=[("Planter", town.idea)])
    return [meeting.code]


def _workshop(moment: str) -> Callable[[LivelyTown], list]:
    """A workshop of that meeting with two notes, one of them in a group; "" is a meeting without one."""

    def made(town: LivelyTown) -> list:
        (code,) = _meeting(town)
        agent = User.objects.get(email="agent@example.org")
        meeting = Meeting.objects.get(code=code)
        if moment:
            workshop = open_workshop(agent=agent, workshop=set_up_workshop(agent=agent, meeting=meeting))
            actor = Actor(user=User.objects.get(email="citizen@example.org"), level=IdentityLevel.EMAIL)
            note, other = (
                place_note(actor=actor, workshop=workshop, text=text, geometry=town.idea.geometry)
                for text in ("Un banc", "Un arbre")
            )
            group = save_group(agent=agent, workshop=workshop, name="Pour s’asseoir", colour="violet")
            group_notes(agent=agent, workshop=workshop, codes=[note.code], group=group.code)
            if moment == "vote":
                open_vote(agent=agent, workshop=workshop)
                give_dot(actor=actor, workshop=workshop, code=other.code)
            if moment == "hidden":
                hide_notes(agent=agent, workshop=workshop, codes=[other.code])
        return [code]

    return made


def _council(*, started: bool = False) -> Callable[[LivelyTown], list]:
    """The address of a council of the town's target with two members, a meeting with minutes, and a draft of its own.

    `started`: the draft's address, too.
    """

    def made(town: LivelyTown) -> list:
        agent = User.objects.get(email="agent@example.org")
        councillor, _made = User.objects.get_or_create(
            email="councillor@example.org", defaults={"role": Role.COUNCILLOR}
        )
        council = Council.objects.first()
        if council is None:
            day = timezone.localdate()
            council = save_council(
                agent=agent, name="Conseil du Haut", area=town.target, text="Nous parlons.", contact="Mairie, le mardi"
            )
            save_member(
                agent=agent, council=council, name="Ana", office="Présidente", is_shown=True, since=day, user=councillor
            )
            save_member(agent=agent, council=council, name="Luc", since=day)
            code = _meeting(town)[0]
            Meeting.objects.filter(code=code).update(council=council)
            start_consultation(
                user=councillor,
                council=council,
                process="consultation",
                starts_on=day,
                title="Des bancs",
                summary="Où s’asseoir ?",
            )
        return [council.slug, *([council.started.get().consultation.slug] if started else [])]

    return made


def _plan(draft: bool = False) -> Callable[[LivelyTown], Plan]:
    """A plan with three variants of a place, preferred, commented on, and with results; or a draft with a file."""

    def made(town: LivelyTown) -> Plan:
        agent = User.objects.get(email="agent@example.org")
        words = {"title": "Le parc", "text": "Trois façons."}
        plan = save_plan(agent=agent, consultation=town.open, results_shown="always", **words)
        variants = [save_variant(agent=agent, plan=plan, name=name) for name in ("Comme avant", "Arbres", "Tram")]
        tree = FeatureInput(Point(4.4112, 50.8441, srid=4326), "Tilleul", "arbre", 800, "Coin")
        replace_features(agent=agent, variant=variants[1], features=[tree])
        place = add_place(agent=agent, plan=plan, name="Le coin", geometry=tree.geometry)
        describe_place(agent=agent, place=place, name="Le coin", notes={variants[1]: "Un tilleul."})
        if draft:
            content = json.dumps({"type": "FeatureCollection", "features": [FEATURE, {**FEATURE, "geometry": None}]})
            read_variant_file(agent=agent, variant=variants[1], content=io.BytesIO(content.encode()), name="a.geojson")
            return plan
        publish_plan(agent=agent, plan=plan)
        people = [Actor(user=user, level=IdentityLevel.EMAIL) for user in User.objects.order_by("pk")]
        for actor in people:
            state_preference(actor=actor, place=place, variant=variants[1])
        place.refresh_from_db()
        submit_contribution(
            actor=people[0],
            consultation=town.open,
            kind="comment",
            parent=place.contribution,
            body="Enfin de l’ombre.",
            located_by="inherited",
            charter_accepted=True,
        )
        release_results(plan=plan)
        return plan

    return made


FEATURE = {
    "type": "Feature",
    "properties": {"nom": "Banc"},
    "geometry": {"type": "Point", "coordinates": [4.4112, 50.8441]},
}


def _code_of_plan(town: LivelyTown) -> list:
    return [_plan()(town).code]


def _code_of_draft(town: LivelyTown) -> list:
    return [_plan(draft=True)(town).code]


def _code_of_place(town: LivelyTown) -> list:
    return [_plan()(town).places.get().code]


def _code_of_variant(town: LivelyTown) -> list:
    return [_plan(draft=True)(town).variants.get(name="Arbres").code]


def _nothing_but(made: Callable[[LivelyTown], list]) -> Callable[[LivelyTown], list]:
    """What is made for a page whose address has no arguments."""

    def arguments(town: LivelyTown) -> list:
        made(town)
        return []

    return arguments


def _export(state: str) -> Callable[[LivelyTown], list]:
    def made(_town: LivelyTown) -> list:
        person = User.objects.get(email="citizen@example.org")
        export = Export.objects.create(
            requested_by=person,
            file_format="gpkg",
            state=state,
            rows_total=20_000,
            rows_written=12_345,
            file="exports/any.gpkg",
            size_bytes=3_456_789,
            expires_at=timezone.now() + timedelta(days=7),
        )
        return [export.code]

    return made


def _register(state: str) -> Callable[[LivelyTown], list]:
    """A register of addresses, one row of which is refused, that an agent sent; `state` "" is as it is after that."""

    def made(_town: LivelyTown) -> list:
        with tempfile.TemporaryDirectory() as folder:
            path = latin_csv(Path(folder) / "a.csv", more_lines=["9;;1000;Tinyville;149000,0;170000,0"])
            file = SimpleUploadedFile("adresses.csv", path.read_bytes())
        agent = User.objects.get(email="agent@example.org")
        upload = receive_upload(kind="addresses", file=file, user=agent, language="fr")
        describe_upload(upload_id=upload.pk)
        report = ImportReport(read=Counter(addresses=5), created=Counter(addresses=4))
        report.refuse("addresses", "ligne 6", "street_missing", "sans nom de rue")
        states = {
            "": {},
            "unreadable": {"refusal": "Illisible.", "refusal_code": "file_encoding", "description": None},
            "loading": {"attempts": 2, "step": "Lecture", "rows_done": 2, "rows_total": 5},
            "loaded": {"report": report.as_json(), "refused_file": upload.file.name},
            "refused": {"refusal": "Tout est refusé.", "refusal_code": "nothing_to_import"},
        }
        if state:
            RegisterUpload.objects.filter(pk=upload.pk).update(state=state, **states[state])
        return [upload.pk]

    return made


def _mailing(*, delivered: bool) -> Callable[[LivelyTown], list]:
    """Flyers to the whole town, of which a letterbox answered; every segment on the map, however few live there."""

    def made(town: LivelyTown) -> list:
        commune = District.objects.get(code="TINY")
        target = save_target(
            name="Everybody", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=commune.pk)], user=None
        )
        mailing = make_mailing(name="Autumn", consultation=town.open, target=target)
        if delivered:
            use_code(code=LetterboxCode.objects.filter(letterbox__mailing=mailing).latest("pk"))
            record_delivery(mailing=mailing, delivered_on=timezone.localdate())
            mailing.segments.update(is_told=True)
        return [mailing.pk]

    return made


def _rounds(state: str) -> Callable[[LivelyTown], list]:
    """Three rounds of the whole town, or rounds that are being planned."""

    def made(town: LivelyTown) -> list:
        (pk,) = _mailing(delivered=False)(town)
        mailing = Mailing.objects.get(pk=pk)
        if state == "ready":
            plan_rounds(mailing=mailing, rounds=3)
        elif state:
            plan = ask_for_rounds(mailing=mailing, user=None, rounds=3)
            RoundPlan.objects.filter(pk=plan.pk).update(state=state)
        return [pk]

    return made


def _order(town: LivelyTown) -> list:
    """A mailing that waits for the worker."""
    return [MailingOrder.objects.create(name="Large", consultation=town.open, target=town.target).pk]


def _walk(town: LivelyTown) -> list:
    """A round of the whole town on a phone; something is done, and something noted."""
    (pk,) = _rounds("ready")(town)
    round_ = Round.objects.filter(mailing=pk).first()
    assert round_ is not None
    stop = round_.stops.first()
    assert stop is not None
    record_act(round_=round_, act="done", stop=stop.pk)
    record_act(round_=round_, act="wrong_address", letterbox=stop.letterboxes.first().letterbox_id, text="number 7")
    return [make_link(round_=round_, user=None)[1]]


def _corrections(town: LivelyTown) -> list:
    _walk(town)
    return [Mailing.objects.latest("pk").pk]


def _budget(state: str) -> Callable[[LivelyTown], list]:
    """The idea of the open consultation as a project that is voted on ("open"), to be counted ("over"), or counted."""

    def made(town: LivelyTown) -> list:
        agent, now = User.objects.get(email="agent@example.org"), timezone.now()
        votes = town.open.phases.filter(kind="vote")
        for of_another_page in (Ballot.objects, Project.objects, Budget.objects, votes):
            of_another_page.all().delete()
        envelopes = [EnvelopeInput(Decimal(9000))]
        budget = save_budget(user=agent, consultation=town.open, envelopes=envelopes, method="envelope")
        decide_project(
            user=agent, budget=budget, contribution=town.idea, state="shortlisted", cost=Decimal(500), upkeep=Decimal(9)
        )
        ends_at = now + timedelta(days=3) if state == "open" else now - timedelta(hours=1)
        town.open.phases.create(kind="vote", starts_at=now - timedelta(days=1), ends_at=ends_at)
        paper = ballot_paper(budget, [Choice("1")])
        with transaction.atomic():
            for voter in range(6 if state != "open" else 0):
                store_ballot(paper=paper, voter_hash=f"{voter:064}", origin="web", at=now)
        if state == "counted":
            close_vote(user=agent, budget=budget)
        return [town.open.slug]

    return made


def _exchange(what: str) -> Callable[[LivelyTown], list]:
    """An exchange with an offer and a mission of the citizen's association, who agreed with a neighbour."""

    def made(_town: LivelyTown) -> list:
        citizen, neighbour, agent = (
            User.objects.get(email=f"{name}@example.org") for name in ("citizen", "neighbour", "agent")
        )
        exchange = Consultation.objects.filter(title="Exchange").first()
        if exchange is None:
            exchange = _fill_exchange(citizen, neighbour, agent)
        offer = Contribution.objects.get(kind="offer", author=citizen)
        mission = Contribution.objects.get(kind="mission")
        association = Association.objects.get(slug="gardeners")
        return {
            "exchange": [exchange.slug],
            "offer": [offer.code],
            "mission": [mission.code],
            "association": [association.slug],
            "agreement": [Agreement.objects.get().code],
            "invitation": [association.slug, invitation_of(association, citizen)],
            "": [],
        }[what]

    return made


def _results(state: str, *more: str, responses: int = 40, public: bool = False) -> Callable[[LivelyTown], list]:
    """A survey in this state, everybody reading its results, with responses of the day before yesterday."""

    def made(town: LivelyTown) -> list:
        survey = save_survey(
            user=User.objects.get(email="agent@example.org"),
            consultation=town.open,
            slug=f"getting-about-{Survey.objects.count()}",
            definition=survey_definition(),
            state=SurveyState.OPEN,
            results_shown=ResultsShown.ALWAYS,
        )
        generate_responses(survey, responses)
        before = timezone.now() - timedelta(days=2)
        Contribution.objects.filter(survey_response__survey=survey).update(submitted_at=before)
        Survey.objects.filter(pk=survey.pk).update(state=state)
        return [town.open.slug, survey.slug] if public else [survey.slug, *more]

    return made


def _fill_exchange(citizen: User, neighbour: User, agent: User) -> Consultation:
    exchange = Consultation.objects.create(slug="exchange", title="Exchange", summary="S", state="published")
    exchange.phases.create(kind="volunteer", starts_at=timezone.now() - timedelta(days=1))
    skill = save_skill(user=agent, names={"fr": "Jardinage", "en": "Gardening"})
    home, seat = (
        Address.objects.get(register_id="haute 3").geometry,
        Address.objects.get(register_id="haute 5").geometry,
    )
    association = save_association(
        actor=actor_of(citizen), name="Gardeners", summary="We garden.", website="https://example.org", geometry=seat
    )
    check_association(user=agent, association=association, accepted=True)
    save_association(actor=actor_of(neighbour), name="Bakers", summary="We bake.", geometry=seat)
    common = {"consultation": exchange, "skills": [skill], "when": When([3, 4, 5, 15]), "body": "Gladly."}
    submit_offer(actor=actor_of(citizen), title="I dig", reach_m=2000, geometry=home, **common)
    submit_offer(actor=actor_of(neighbour), title="I rake", reach_m=2000, geometry=home, **common)
    mission = submit_mission(
        actor=actor_of(citizen), association=association, title="A hedge", geometry=seat, people_wanted=3, **common
    )
    agreement = ask_to_help(actor=actor_of(neighbour), mission=mission, message="I come.")
    change_agreement(actor=actor_of(citizen), agreement=agreement, to_state="accepted", message="Fine.")
    return exchange


def _survey(town: LivelyTown) -> list:
    """A survey with every kind of question in the open consultation, which takes answers beside its ideas."""
    survey = Survey.objects.filter(slug="get-about").first()
    if survey is None:
        now = timezone.now()
        Phase.objects.create(
            consultation=town.open,
            kind=PhaseKind.SURVEY,
            starts_at=now - timedelta(days=1),
            ends_at=now + timedelta(days=9),
        )
        survey = save_survey(
            user=User.objects.get(email="agent@example.org"),
            consultation=town.open,
            slug="get-about",
            definition=DEFINITION,
            state=SurveyState.OPEN,
        )
    return [town.open.slug, survey.slug]


def _response(town: LivelyTown) -> list:
    """A response to that survey, without a photo."""
    _survey(town)
    response = submit_response(
        actor=Actor(device=Device(key_hash="5" * 64)),
        survey=Survey.objects.get(slug="get-about"),
        answers=ANSWERS,
        geometry=Point(4.405, 50.8451, srid=4326),
        charter_accepted=True,
    )
    return [response.contribution.code]


def _survey_to_edit(*more: str, state: str = SurveyState.DRAFT) -> Callable[[LivelyTown], list]:
    """A survey with every kind of question, in the consultation that takes ideas."""

    def made(town: LivelyTown) -> list:
        survey = save_survey(
            user=User.objects.get(email="agent@example.org"),
            consultation=town.open,
            slug=f"edited-{Survey.objects.count()}",
            definition=survey_definition(),
            state=state,
        )
        return [survey.slug, *more]

    return made


PAGES = [
    _page("exchange", arguments=_exchange("exchange"), has_map=True),
    _page("exchange", arguments=_exchange("exchange"), has_map=True, query="?skill=jardinage&time=15&kind=offer"),
    _page("offer-help", arguments=_exchange("exchange"), has_map=True),
    _page("ask-for-help", arguments=_exchange("exchange"), has_map=True),
    _page("volunteer-offer", arguments=_exchange("offer"), has_map=True),
    _page("mission", arguments=_exchange("mission"), has_map=True),
    _page("associations", arguments=_exchange(""), has_map=True),
    _page("association-join", by=CITIZEN, arguments=_exchange("invitation")),
    _page("association", arguments=_exchange("association"), has_map=True),
    _page("indicators", arguments=_counted, has_map=True),
    _page("profile", by=CITIZEN, arguments=_exchange("")),
    _page("my-volunteering", by=CITIZEN, arguments=_exchange("")),
    _page("offer-help", by=CITIZEN, arguments=_exchange("exchange"), has_map=True),
    _page("ask-for-help", by=CITIZEN, arguments=_exchange("exchange"), has_map=True),
    _page("volunteer-offer", by=CITIZEN, arguments=_exchange("offer"), has_map=True, query="?sent=1"),
    _page("volunteer-offer-edit", by=CITIZEN, arguments=_exchange("offer")),
    _page("offer-matches", by=CITIZEN, arguments=_exchange("offer"), has_map=True),
    _page("mission", by=CITIZEN, arguments=_exchange("mission"), has_map=True),
    _page("mission-matches", by=CITIZEN, arguments=_exchange("mission"), has_map=True),
    _page("agreement", by=CITIZEN, arguments=_exchange("agreement")),
    _page("association-new", by=CITIZEN, has_map=True),
    _page("association", by=CITIZEN, arguments=_exchange("association"), has_map=True),
    _page("association-edit", by=CITIZEN, arguments=_exchange("association"), has_map=True),
    _page("workspace-volunteering", by=AGENT, arguments=_exchange(""), has_map=True),
    _page("workspace-skills", by=AGENT, arguments=_exchange("")),
    _page("home", has_map=True),
    _page("places", has_map=True),
    _page("places", has_map=True, query="?q=rue"),
    _page("places", has_map=True, query="?q=Rue+Haute"),
    _page("places", has_map=True, query="?q=nowhere+at+all"),
    _page("consultations"),
    _page("consultation", arguments=lambda town: [town.open.slug], has_map=True),
    _page("consultation", arguments=lambda town: [town.over.slug], has_map=True),
    _page("consultation-results", arguments=lambda town: [town.open.slug], has_map=True),
    _page("consultation-results", arguments=lambda town: [town.over.slug], has_map=True),
    _page("vote", arguments=_budget("open"), has_map=True),
    _page("vote", arguments=_budget("counted"), has_map=True),
    _page("vote-result", arguments=_budget("over")),
    _page("vote-result", arguments=_budget("counted"), has_map=True),
    _page("vote-ballots", arguments=_budget("counted")),
    _page("survey-results", arguments=_results("open", public=True), has_map=True),
    _page("survey-results", arguments=_results("closed", public=True), has_map=True),
    _page("survey-results", arguments=_results("closed", public=True, responses=4)),
    _page("letterbox"),
    _page("round-walk", arguments=_walk),
    _page("contribute", arguments=lambda town: [town.open.slug], has_map=True),
    _page("contribute", arguments=lambda town: [town.read_first.slug], has_map=True),
    _page("contribute", arguments=lambda town: [town.over.slug], has_map=True),
    _page("survey", arguments=_survey, has_map=True),
    _page("survey", arguments=_survey, has_map=True, query="?step=places"),
    _page("survey", arguments=_survey, has_map=True, query="?step=more"),
    _page("survey", arguments=_survey, has_map=True, query="?step=send"),
    _page("survey-thanks", arguments=_survey),
    _page("contributions", has_map=True),
    _page("contributions", has_map=True, query="?kind=comment&q=here"),
    _page("contributions", has_map=True, query="?q=nothing+like+it"),
    _page("contribution", arguments=lambda town: [town.idea.code], has_map=True),
    _page("contribution", arguments=_followed("answered"), has_map=True),
    _page("commitments"),
    _page("commitments", arguments=_nothing_but(_followed("answered"))),
    _page("measures", has_map=True),
    _page("measures", arguments=_nothing_but(_followed("answered")), has_map=True),
    _page("measures", arguments=_nothing_but(_followed("answered")), has_map=True, query="?progress=done"),
    _page("meetings", has_map=True),
    _page("meetings", arguments=_nothing_but(_meeting), has_map=True),
    _page("meeting", arguments=_meeting, has_map=True),
    _page("meeting", by=CITIZEN, arguments=_meeting, has_map=True),
    _page("plan", arguments=_code_of_plan, has_map=True),
    _page("plan", by=CITIZEN, arguments=_code_of_plan, has_map=True),
    _page("plan-place", arguments=_code_of_place, has_map=True),
    _page("plan-place", by=CITIZEN, arguments=_code_of_place, has_map=True),
    _page("workshop", arguments=_workshop("open"), has_map=True),
    _page("workshop", by=CITIZEN, arguments=_workshop("open"), has_map=True),
    _page("workshop", by=CITIZEN, arguments=_workshop("vote"), has_map=True),
    _page("councils", has_map=True),
    _page("councils", arguments=_nothing_but(_council()), has_map=True, query="?q=Rue+Haute"),
    _page("council", arguments=_council(), has_map=True),
    _page("about-data"),
    _page("charter"),
    _page("privacy"),
    _page("accessibility"),
    _page("account_login"),
    _page("account_signup"),
    _page("account_inactive"),
    _page("account_email_verification_sent"),
    _page("account_confirm_email", arguments=_confirmation),
    _page("account_confirm_email", arguments=lambda _town: ["no-such-key"]),
    _page("account_reset_password"),
    _page("account_reset_password_done"),
    _page("account_reset_password_from_key", arguments=_new_password),
    _page("account_reset_password_from_key", arguments=lambda _town: ["1", "no-such-key"]),
    _page("account_reset_password_from_key_done"),
    _page("home", by=CITIZEN, has_map=True),
    _page("contribute", by=CITIZEN, arguments=lambda town: [town.open.slug], has_map=True),
    _page("contribution", by=CITIZEN, arguments=lambda town: [town.idea.code], has_map=True),
    _page("contribution", by=CITIZEN, arguments=lambda town: [town.waiting.code], has_map=True, query="?sent=1"),
    _page("contribution-withdraw", by=CITIZEN, arguments=lambda town: [town.idea.code]),
    _page("export", by=CITIZEN, arguments=_export("running")),
    _page("export", by=CITIZEN, arguments=_export("ready")),
    _page("account_email", by=CITIZEN),
    _page("residence", by=CITIZEN),
    _page("account_change_password", by=CITIZEN),
    _page("account_reauthenticate", by=CITIZEN),
    _page("account_logout", by=CITIZEN),
    _page("workspace", by=CITIZEN, status=403),
    _page("workspace", by=AGENT),
    _page("workspace-consultations", by=AGENT),
    _page("workspace-consultation-new", by=AGENT),
    _page("workspace-consultation", by=AGENT, arguments=lambda town: [town.draft.slug]),
    _page("workspace-targets", by=AGENT),
    _page("workspace-target-new", by=AGENT, has_map=True),
    _page("workspace-target", by=AGENT, arguments=lambda town: [town.target.pk], has_map=True),
    _page("workspace-mailings", by=AGENT),
    _page("workspace-mailing-new", by=AGENT),
    _page("workspace-mailing-new", by=AGENT, arguments=lambda _town: [], query="?consultation=question-1"),
    _page("workspace-mailing", by=AGENT, arguments=_mailing(delivered=True)),
    _page("workspace-mailing-order", by=AGENT, arguments=_order),
    _page("workspace-paper", by=AGENT),
    _page("workspace-mailing-flyers", by=AGENT, arguments=_mailing(delivered=False)),
    _page("workspace-mailing-response", by=AGENT, arguments=_mailing(delivered=False)),
    _page("workspace-mailing-response", by=AGENT, arguments=_mailing(delivered=True), has_map=True),
    _page("workspace-mailing-rounds", by=AGENT, arguments=_rounds(""), has_map=True),
    _page("workspace-mailing-rounds", by=AGENT, arguments=_rounds("planning"), has_map=True),
    _page("workspace-mailing-rounds", by=AGENT, arguments=_rounds("ready"), has_map=True),
    _page("workspace-budgets", by=AGENT),
    _page("workspace-budgets", by=AGENT, arguments=lambda town: _budget("open")(town)[:0]),
    _page("workspace-budget", by=AGENT, arguments=lambda town: [town.draft.slug]),
    _page("workspace-budget-projects", by=AGENT, arguments=_budget("open")),
    _page("workspace-budget-project", by=AGENT, arguments=lambda town: [*_budget("open")(town), town.idea.code]),
    _page("workspace-budget-project-new", by=AGENT, arguments=_budget("open"), has_map=True),
    _page("workspace-budget-paper", by=AGENT, arguments=_budget("open")),
    _page("workspace-budget-count", by=AGENT, arguments=_budget("over")),
    _page("workspace-mailing-rounds", by=AGENT, arguments=_corrections, has_map=True),
    _page("workspace-mailing-corrections", by=AGENT, arguments=_corrections),
    _page("workspace-queue", by=AGENT, has_map=True),
    _page("workspace-response", by=AGENT, arguments=_response),
    _page("workspace-meetings", by=AGENT),
    _page("workspace-meetings", by=AGENT, arguments=_nothing_but(_meeting)),
    _page("workspace-meeting-new", by=AGENT),
    _page("workspace-meeting", by=AGENT, arguments=_meeting),
    _page("workspace-plans", by=AGENT),
    _page("workspace-plans", by=AGENT, arguments=_nothing_but(_code_of_plan)),
    _page("workspace-plan-new", by=AGENT),
    _page("workspace-plan", by=AGENT, arguments=_code_of_plan, has_map=True),
    _page("workspace-plan", by=AGENT, arguments=_code_of_draft, has_map=True),
    _page("workspace-variant", by=AGENT, arguments=_code_of_variant, has_map=True),
    _page("workspace-plan-place", by=AGENT, arguments=_code_of_place),
    _page("workspace-workshop", by=AGENT, arguments=_workshop("")),
    _page("workspace-workshop", by=AGENT, arguments=_workshop("hidden"), has_map=True),
    _page("workspace-workshop", by=AGENT, arguments=_workshop("vote"), has_map=True),
    _page("workspace-councils", by=AGENT),
    _page("workspace-council-new", by=AGENT),
    _page("workspace-council", by=AGENT, arguments=_council()),
    _page("workspace", by=COUNCILLOR),
    _page("workspace-councils", by=COUNCILLOR),
    _page("workspace-councils", by=COUNCILLOR, arguments=_nothing_but(_council())),
    _page("workspace-council", by=COUNCILLOR, arguments=_council()),
    _page("workspace-council-target", by=COUNCILLOR, arguments=_council(), has_map=True),
    _page("workspace-council-consultation-new", by=COUNCILLOR, arguments=_council()),
    _page("workspace-council-consultation", by=COUNCILLOR, arguments=_council(started=True)),
    _page("workspace-meetings", by=COUNCILLOR, arguments=_nothing_but(_council())),
    _page("workspace-meeting-new", by=COUNCILLOR, arguments=_nothing_but(_council())),
    _page("workspace-cases", by=AGENT),
    _page("workspace-cases", by=AGENT, arguments=_nothing_but(_followed("studied")), query="?shown=to_decide"),
    _page("workspace-case", by=AGENT, arguments=_followed("")),
    _page("workspace-case", by=AGENT, arguments=_followed("studied")),
    _page("workspace-case", by=AGENT, arguments=_followed("answered")),
    _page("workspace-measures", by=AGENT),
    _page("workspace-measures", by=AGENT, arguments=_nothing_but(_followed("answered"))),
    _page("workspace-measure", by=AGENT, arguments=_followed("answered"), has_map=True),
    _page("workspace-measure", by=AGENT, arguments=_followed("studied"), has_map=True),
    _page("workspace-commitment", by=AGENT),
    _page("workspace-agenda", by=AGENT, arguments=_followed("agenda")),
    _page("workspace-surveys", by=AGENT),
    _page("workspace-survey-new", by=AGENT),
    _page("workspace-survey", by=AGENT, arguments=_survey_to_edit()),
    _page("workspace-survey-preview", by=AGENT, arguments=_survey_to_edit()),
    _page("workspace-survey-texts", by=AGENT, arguments=_survey_to_edit()),
    _page("workspace-survey-section", by=AGENT, arguments=_survey_to_edit("places")),
    _page("workspace-survey-question", by=AGENT, arguments=_survey_to_edit("danger")),
    _page("workspace-survey-question", by=AGENT, arguments=_survey_to_edit("spots")),
    _page("workspace-survey-question", by=AGENT, arguments=_survey_to_edit("money")),
    _page("workspace-survey-settings", by=AGENT, arguments=_survey_to_edit()),
    _page("workspace-survey-imported", by=AGENT, arguments=_survey_to_edit()),
    _page("workspace-survey-paper", by=AGENT, arguments=_survey_to_edit(state=SurveyState.OPEN)),
    _page("workspace-surveys", by=AGENT, query="?page=1"),
    _page("workspace-survey-results", by=AGENT, arguments=_results("closed"), has_map=True),
    _page("workspace-survey-results", by=AGENT, arguments=_results("open"), has_map=True, query="?street=Nowhere"),
    _page("workspace-survey-answers", by=AGENT, arguments=_results("open", "story")),
    _page("workspace-exports", by=AGENT),
    _page("workspace-boundaries", by=AGENT),
    _page("workspace-boundary-release", by=AGENT, arguments=lambda town: [town.next_boundaries.pk]),
    _page("workspace-downloads", by=AGENT),
    _page("workspace-registers", by=AGENT),
    _page("workspace-register-new", by=AGENT),
    _page("workspace-register-columns", by=AGENT, arguments=_register("")),
    _page("workspace-register-columns", by=AGENT, arguments=_register("unreadable")),
    _page("workspace-register-check", by=AGENT, arguments=_register(""), has_map=True),
    _page("workspace-register", by=AGENT, arguments=_register("loading")),
    _page("workspace-register", by=AGENT, arguments=_register("loaded")),
    _page("workspace-register", by=AGENT, arguments=_register("refused")),
    _page("workspace-registers", by=AGENT, query="?page=1"),
    _page("consultation", by=AGENT, arguments=lambda town: [town.draft.slug], has_map=True),
]

NOT_PAGES = {
    "residence-offer": "takes a form, shows the page one was on",
    "vote-ballots-file": "a file",
    "mission-ask": "takes a form, shows the agreement",
    "mission-ask-offer": "takes a form, shows the agreement",
    "association-members": "takes a form, shows the association",
    "workspace-association-check": "takes a form, shows the overview",
    "workshop-changes": "JSON",
    "measure-photo": "a picture",
    "meetings-calendar": "a file",
    "council-calendar": "a file",
    "workspace-council-target-preview": "JSON",
    "meeting-calendar": "a file",
    "plan-results": "a file",
    "plan-file": "a file",
    "plan-picture": "a picture",
    "plan-place-picture": "a picture",
    "workspace-plan-results": "a file",
    "meeting-register": "takes a form, shows the meeting",
    "letterbox-code": "leads on; the page it shows for a wrong code is letterbox's",
    "consultation-report": "a file",
    "contributions-export": "a file; too large a one is a page, tried with the exports",
    "export-file": "a file",
    "contribution-support": "takes a form, shows the contribution",
    "contribution-comment": "takes a form, shows the contribution; its errors are a state below",
    "workspace-consultation-state": "takes a form, shows the consultation",
    "workspace-mailing-list": "a file",
    "workspace-round-file": "a file",
    "workspace-flyers-preview": "a part of the flyers' page",
    "workspace-flyers-sheet": "a file",
    "workspace-flyers-postage": "a file",
    "workspace-flyers-file": "a file",
    "workspace-flyers-write": "takes a form, shows the flyers",
    "workspace-round-link": "takes a form; the link that it shows once is opened in a journey",
    "workspace-round-delivered": "takes a form, shows the rounds",
    "round-walk-events": "JSON",
    "round-walk-act": "takes a form, shows the round",
    "round-walk-worker": "a script",
    "workspace-register-load": "takes a form, shows the upload",
    "workspace-register-cancel": "takes a form, shows the list",
    "workspace-register-refused": "a file",
    "workspace-decide": "takes a form, shows the queue",
    "workspace-photo-off": "takes a form, shows the queue",
    "workspace-survey-release": "takes a form, shows the results",
    "workspace-survey-export": "a file",
    "workspace-survey-act": "takes a form, shows the survey",
    "workspace-survey-state": "takes a form, shows the survey",
    "workspace-survey-copy": "takes a form, shows the copy",
    "workspace-survey-remove": "takes a form, shows the list",
    "workspace-survey-file": "a file",
    "workspace-survey-paper-form": "a file",
    "indicator-file": "a file",
    "indicators-described": "JSON",
    "photo": "a picture",
    "photo-hold": "takes a photo for the page's script",
    "photo-drop": "takes a form of the page's script",
    "theme": "a stylesheet",
    "set_language": "takes a form, shows the page one was on",
    "account_set_password": "for accounts without a password, of which there are none",
    "account_confirm_login_code": "sign-in by code is not switched on",
    "tilejson": "JSON",
    "tile": "a tile",
    "healthz": "JSON",
}
"""Named addresses that show nothing of their own to a person, and why."""


def addresses_of_pages() -> Iterator[str]:
    """Names of all addresses of the site outside the API, the OGC services and Django's own administration."""

    def walk(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
        for pattern in resolver.url_patterns:
            path = prefix + str(pattern.pattern)
            if path.startswith(("api/", "admin/", "ogc/")):
                continue
            if isinstance(pattern, URLPattern):
                yield pattern.name or path
            else:
                yield from walk(pattern, path)

    return walk(get_resolver())
