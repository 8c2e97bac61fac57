"""Pages of the follow-up: who opens them, what they say and do, and how many queries they take."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import record_study, take_up
from geoparticipation.followup.domain.commitments import plan_meetings
from geoparticipation.followup.models import Case, CollegeMeeting, Commitment
from geoparticipation.followup.queries import next_meeting, word_kept
from tests.fixtures.question import MakeConsultation, Submit

ENGLISH = {"accept-language": "en"}
RULE = {
    "support_threshold": 20,
    "study_days": 30,
    "answer_days": 60,
    "college_week": 1,
    "college_weekday": 0,
}


@pytest.fixture
def rule(db: None) -> Commitment:
    today = timezone.localdate()
    made = Commitment.objects.create(
        in_force_from=today - timedelta(days=100), support_threshold=2, study_days=30, answer_days=60
    )
    plan_meetings(today=today)
    return made


@pytest.fixture
def taken_up(rule: Commitment, submit: Submit, agent: User) -> Callable[..., Case]:
    def make(title: str = "More trees") -> Case:
        return take_up(contribution=submit(title=title), agent=agent)

    return make


WHO = [("agent", 200), ("moderator", 403), ("planner", 403), ("councillor", 403), ("citizen", 403)]


@pytest.mark.parametrize(("person", "status"), WHO)
def test_who_follows_up(
    client: Client, cast: dict[str, User], taken_up: Callable[..., Case], person: str, status: int
) -> None:
    case = taken_up()
    client.force_login(cast[person])

    pages = [
        "/workspace/follow-up/",
        "/workspace/follow-up/commitment/",
        f"/workspace/follow-up/college/{CollegeMeeting.objects.first().pk}/",
        f"/workspace/follow-up/{case.contribution.code}/",
    ]
    assert [client.get(page).status_code for page in pages] == [status] * 4
    posted = client.post(pages[3], {"act": "study"})
    assert posted.status_code == (422 if status == 200 else 403)


@pytest.mark.parametrize("phase", [None, *PhaseKind])
def test_agents_follow_up_in_every_phase(
    client: Client, agent: User, rule: Commitment, make_consultation: MakeConsultation, submit: Submit, phase: PhaseKind
) -> None:
    idea = submit()
    consultation = make_consultation(phase)
    Contribution.objects.filter(pk=idea.pk).update(consultation=consultation)
    client.force_login(agent)

    client.post(f"/workspace/follow-up/{idea.code}/", {"act": "take-up"})

    assert Case.objects.filter(contribution=idea).exists()


def test_visitor_is_sent_to_sign_in(client: Client, taken_up: Callable[..., Case]) -> None:
    page = f"/workspace/follow-up/{taken_up().contribution.code}/"

    assert client.get(page)["Location"] == f"/compte/login/?next={page}"


def test_from_taking_up_to_done_by_the_pages(client: Client, agent: User, rule: Commitment, submit: Submit) -> None:
    idea = submit()
    page = f"/workspace/follow-up/{idea.code}/"
    client.force_login(agent)
    public = f"/contributions/{idea.code}/"

    def post(**said: object) -> int:
        return int(client.post(page, said, headers=ENGLISH).status_code)

    assert post(act="take-up") == 302
    assert "The answer comes on" in client.get(public, headers=ENGLISH).content.decode()
    assert post(act="study", **{"study-department": "Roads", "study-verdict": "feasible", "study-text": "Yes."}) == 302
    refused = client.post(page, {"act": "answer", "answer-text": "We do it."}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "We do it." in refused.content.decode()
    said = {"answer-decision": "accepted", "answer-text": "We do it.", "answer-signed_by": "A. Weber, mayor"}
    assert post(act="answer", **said) == 302
    done = {"progress": "done", "spent": "1 200,00 €", "done_on": str(timezone.localdate())}
    assert client.post(f"{page}measure/", done, headers={"accept-language": "fr"}).status_code == 302

    shown = client.get(public, headers=ENGLISH).content.decode()
    for words in ("We do it.", "A. Weber, mayor", "Roads", "1,200\u00a0€ spent"):
        assert words in shown
    late = client.post(page, {"act": "answer", **said, "answer-text": "No, never."}, headers=ENGLISH)
    assert late.status_code == 409
    assert "No, never." in late.content.decode()
    assert Case.objects.get().answer.text == "We do it."


def test_idea_that_is_hidden_cannot_be_taken_up(client: Client, agent: User, rule: Commitment, submit: Submit) -> None:
    idea = submit()
    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)
    client.force_login(agent)

    answer = client.post(f"/workspace/follow-up/{idea.code}/", {"act": "take-up"}, headers=ENGLISH)

    assert answer.status_code == 409
    assert "Only an idea that is online" in answer.content.decode()


def test_case_of_a_hidden_idea_is_in_no_public_figure(client: Client, taken_up: Callable[..., Case]) -> None:
    case = taken_up("A secret garden")
    Contribution.objects.filter(pk=case.contribution_id).update(status=Status.HIDDEN)
    Case.objects.update(opened_on="2020-01-01", study_due_on="2020-01-02", answer_due_on="2020-01-03")

    page = client.get("/commitments/", headers=ENGLISH).content.decode()

    assert "A secret garden" not in page
    assert "1 more idea was taken up and then hidden or taken back" in page
    town, districts = word_kept(timezone.localdate())
    assert (town.taken_up, town.overdue, town.dropped, districts) == (0, 0, 1, [])


def test_rule_is_set_by_the_page_and_read_by_everybody(client: Client, agent: User) -> None:
    client.force_login(agent)
    today = timezone.localdate()

    early = client.post(
        "/workspace/follow-up/commitment/", {**RULE, "in_force_from": today - timedelta(days=1)}, headers=ENGLISH
    )
    assert early.status_code == 422
    assert "A rule begins today or later" in early.content.decode()
    made = client.post("/workspace/follow-up/commitment/", {**RULE, "in_force_from": today}, headers=ENGLISH)
    assert made.status_code == 302

    client.logout()
    page = client.get("/commitments/", headers=ENGLISH).content.decode()
    assert "An idea with 20 supports is studied." in page
    assert "the answer comes within 60 days" in page


def test_agenda_of_a_held_meeting_has_what_it_decided_without_a_study(
    client: Client, agent: User, taken_up: Callable[..., Case]
) -> None:
    case = taken_up("A quick one")
    today = CollegeMeeting.objects.get_or_create(held_on=timezone.localdate())[0]
    publish_answer(case=case, agent=agent, decision="refused", text="No.", signed_by="A. Weber, mayor", meeting=today)
    client.force_login(agent)

    page = client.get(f"/workspace/follow-up/college/{today.pk}/")

    assert page.status_code == 200
    assert "A quick one" in page.content.decode()


def test_idea_that_does_not_exist_is_not_found(client: Client, agent: User) -> None:
    client.force_login(agent)

    for page in (f"/workspace/follow-up/{uuid.uuid4()}/", f"/workspace/follow-up/{uuid.uuid4()}/measure/"):
        assert client.get(page).status_code == 404


def test_rule_to_come_is_told_and_taken_back_by_the_page(client: Client, agent: User, rule: Commitment) -> None:
    client.force_login(agent)
    later = timezone.localdate() + timedelta(days=40)
    client.post("/workspace/follow-up/commitment/", {**RULE, "in_force_from": later, "support_threshold": 77})
    assert "77 supports, 30 days for the study" in client.get("/commitments/", headers=ENGLISH).content.decode()
    ahead = Commitment.objects.get(in_force_from=later)

    assert client.post("/workspace/follow-up/commitment/", {"drop": ahead.pk}).status_code == 302
    assert "77 supports" not in client.get("/commitments/", headers=ENGLISH).content.decode()
    for number in ("x", "9" * 30, ahead.pk):
        assert client.post("/workspace/follow-up/commitment/", {"drop": number}).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_query_counts(
    client: Client,
    agent: User,
    taken_up: Callable[..., Case],
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        case = taken_up(f"Idea {number}")
        record_study(case=case, agent=agent, department="Roads", verdict="feasible", text="Yes.")
    client.get("/commitments/")  # the town's name is kept from here on
    with django_assert_num_queries(6):
        client.get("/commitments/")
    client.force_login(agent)
    meeting = next_meeting(timezone.localdate())
    assert meeting is not None
    page = f"/workspace/follow-up/{case.contribution.code}/"
    # Session, account and the badge of the queue beside what the page asks for.
    with django_assert_num_queries(3 + 5):
        client.get("/workspace/follow-up/?shown=to_decide")
    with django_assert_num_queries(3 + 3):
        client.get(f"/workspace/follow-up/college/{meeting.pk}/")
    with django_assert_num_queries(3 + 5):
        client.get(page)
