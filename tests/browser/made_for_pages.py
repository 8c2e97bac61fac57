"""What is made in the lively town so that a page has something to show; each gives the arguments of its address."""

from __future__ import annotations

import io
import json
import tempfile
from collections import Counter
from collections.abc import Callable
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


def with_confirmation(_town: LivelyTown) -> list:
    person = User.objects.create_user("fresh@example.org", "a-password-of-the-fresh", name="Fresh")
    address = EmailAddress.objects.create(user=person, email=person.email, primary=True)
    return [EmailConfirmationHMAC(address).key]


def with_new_password(_town: LivelyTown) -> list:
    person = User.objects.get(email="neighbour@example.org")
    return [user_pk_to_url_str(person), default_token_generator.make_token(person)]


def with_followed(act: str) -> Callable[[LivelyTown], list]:
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


def with_counted(_town: LivelyTown) -> list:
    """Nothing in the address; the figures are counted."""
    count_indicators()
    return []


def with_meeting(town: LivelyTown) -> list:
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


def with_workshop(moment: str) -> Callable[[LivelyTown], list]:
    """A workshop of that meeting with two notes, one of them in a group; "" is a meeting without one."""

    def made(town: LivelyTown) -> list:
        (code,) = with_meeting(town)
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


def with_council(*, started: bool = False) -> Callable[[LivelyTown], list]:
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
            code = with_meeting(town)[0]
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


def with_plan(draft: bool = False) -> Callable[[LivelyTown], Plan]:
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


def with_code_of_plan(town: LivelyTown) -> list:
    return [with_plan()(town).code]


def with_code_of_draft(town: LivelyTown) -> list:
    return [with_plan(draft=True)(town).code]


def with_code_of_place(town: LivelyTown) -> list:
    return [with_plan()(town).places.get().code]


def with_code_of_variant(town: LivelyTown) -> list:
    return [with_plan(draft=True)(town).variants.get(name="Arbres").code]


def with_nothing_but(made: Callable[[LivelyTown], list]) -> Callable[[LivelyTown], list]:
    """What is made for a page whose address has no arguments."""

    def arguments(town: LivelyTown) -> list:
        made(town)
        return []

    return arguments


def with_export(state: str) -> Callable[[LivelyTown], list]:
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


def with_register(state: str) -> Callable[[LivelyTown], list]:
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


def with_mailing(*, delivered: bool) -> Callable[[LivelyTown], list]:
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


def with_rounds(state: str) -> Callable[[LivelyTown], list]:
    """Three rounds of the whole town, or rounds that are being planned."""

    def made(town: LivelyTown) -> list:
        (pk,) = with_mailing(delivered=False)(town)
        mailing = Mailing.objects.get(pk=pk)
        if state == "ready":
            plan_rounds(mailing=mailing, rounds=3)
        elif state:
            plan = ask_for_rounds(mailing=mailing, user=None, rounds=3)
            RoundPlan.objects.filter(pk=plan.pk).update(state=state)
        return [pk]

    return made


def with_order(town: LivelyTown) -> list:
    """A mailing that waits for the worker."""
    return [MailingOrder.objects.create(name="Large", consultation=town.open, target=town.target).pk]


def with_walk(town: LivelyTown) -> list:
    """A round of the whole town on a phone; something is done, and something noted."""
    (pk,) = with_rounds("ready")(town)
    round_ = Round.objects.filter(mailing=pk).first()
    assert round_ is not None
    stop = round_.stops.first()
    assert stop is not None
    record_act(round_=round_, act="done", stop=stop.pk)
    record_act(round_=round_, act="wrong_address", letterbox=stop.letterboxes.first().letterbox_id, text="number 7")
    return [make_link(round_=round_, user=None)[1]]


def with_corrections(town: LivelyTown) -> list:
    with_walk(town)
    return [Mailing.objects.latest("pk").pk]


def with_budget(state: str) -> Callable[[LivelyTown], list]:
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


def with_exchange(what: str) -> Callable[[LivelyTown], list]:
    """An exchange with an offer and a mission of the citizen's association, who agreed with a neighbour."""

    def made(_town: LivelyTown) -> list:
        citizen, neighbour, agent = (
            User.objects.get(email=f"{name}@example.org") for name in ("citizen", "neighbour", "agent")
        )
        exchange = Consultation.objects.filter(title="Exchange").first()
        if exchange is None:
            exchange = with_fill_exchange(citizen, neighbour, agent)
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


def with_results(state: str, *more: str, responses: int = 40, public: bool = False) -> Callable[[LivelyTown], list]:
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


def with_fill_exchange(citizen: User, neighbour: User, agent: User) -> Consultation:
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


def with_survey(town: LivelyTown) -> list:
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


def with_response(town: LivelyTown) -> list:
    """A response to that survey, without a photo."""
    with_survey(town)
    response = submit_response(
        actor=Actor(device=Device(key_hash="5" * 64)),
        survey=Survey.objects.get(slug="get-about"),
        answers=ANSWERS,
        geometry=Point(4.405, 50.8451, srid=4326),
        charter_accepted=True,
    )
    return [response.contribution.code]


def with_survey_to_edit(*more: str, state: str = SurveyState.DRAFT) -> Callable[[LivelyTown], list]:
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
