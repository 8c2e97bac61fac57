"""Two agents, two workers, and mail servers that fail: nothing happens twice, and nobody is left out."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import open_cases, record_study, take_up
from geoparticipation.followup.errors import AlreadyAnswered
from geoparticipation.followup.models import AnswerNotice, Case, Commitment, OfficialAnswer, Study
from geoparticipation.followup.tasks import follow_up, tell_people
from tests.followup.conftest import FIRST, noon, run_jobs

Supported = Callable[..., Contribution]


def together(*acts: Callable[[], object]) -> list[str]:
    """Do all of it at once; what each came to: "done", or the name of what was raised."""
    barrier, found = threading.Barrier(len(acts)), []

    def do(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        except Exception as error:
            found.append(type(error).__name__)
        else:
            found.append("done")
        connection.close()

    threads = [threading.Thread(target=do, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def answer(case: Case, agent: User, text: str = "Yes.") -> OfficialAnswer:
    return publish_answer(case=case, agent=agent, decision="accepted", text=text, signed_by="A. Weber, mayor")


@pytest.mark.django_db(transaction=True)
def test_of_agents_who_answer_at_once_one_is_told_that_it_is_answered(
    commitment: Commitment, supported: Supported, agent: User
) -> None:
    for _round in range(3):
        case = take_up(contribution=supported(0), agent=agent)
        acts = [lambda text=f"Answer {n}", case=case: answer(case, agent, text) for n in range(4)]

        assert together(*acts) == ["AlreadyAnswered"] * 3 + ["done"]
        assert AnswerNotice.objects.filter(answer__case=case).count() == 2  # author and supporter, once each


@pytest.mark.django_db(transaction=True)
def test_studies_and_cases_at_once_leave_one(commitment: Commitment, supported: Supported, agent: User) -> None:
    idea = supported(0, 0, 0)

    assert together(*[lambda: open_cases(at=noon(FIRST))] * 4) == ["done"] * 4
    case = Case.objects.get(contribution=idea)
    assert (
        together(
            *[lambda: record_study(case=case, agent=agent, department="Roads", verdict="feasible", text="Yes.")] * 4
        )
        == ["done"] * 4
    )
    assert Study.objects.count() == 1


@pytest.mark.usefixtures("commitment")
def test_address_that_cannot_be_reached_keeps_nobody_from_being_told(
    supported: Supported, agent: User, supporters: list[User], settings: object
) -> None:
    settings.EMAIL_BACKEND = "tests.followup.mailing.PickyBackend"  # type: ignore[attr-defined]
    case = take_up(contribution=supported(0, 0, 0), agent=agent)
    User.objects.filter(pk=supporters[0].pk).update(email="refused@example.org")
    published = answer(case, agent)
    notices = list(published.notices.order_by("pk").values_list("pk", flat=True))

    with pytest.raises(OSError, match="refused"):
        tell_people(notices)
    assert sorted(message.to[0] for message in mail.outbox) == [
        "citizen@example.org",
        "supporter2@example.org",
        "supporter3@example.org",
    ]
    assert AnswerNotice.objects.get(told_at=None).user == supporters[0]
    # Tried again, with the address put right: one more mail, no second one to anybody.
    User.objects.filter(pk=supporters[0].pk).update(email="supporter1@example.org")
    tell_people(notices)
    assert len(mail.outbox) == 4
    assert mail.outbox[-1].to == ["supporter1@example.org"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_job_tell_each_person_once(
    commitment: Commitment, supported: Supported, agent: User
) -> None:
    published = answer(take_up(contribution=supported(0, 0, 0, 0), agent=agent), agent)
    notices = list(published.notices.values_list("pk", flat=True))

    assert together(*[lambda: tell_people(notices)] * 4) == ["done"] * 4

    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 5


@pytest.mark.usefixtures("commitment")
def test_who_was_not_told_when_a_worker_died_is_told_within_the_hour(supported: Supported, agent: User) -> None:
    answer(take_up(contribution=supported(0, 0), agent=agent), agent)
    ProcrastinateJob.objects.all().delete()  # as good as killed: nobody takes them up again

    follow_up(0)
    run_jobs()
    assert len(mail.outbox) == 3
    follow_up(0)
    run_jobs()

    assert len(mail.outbox) == 3
    assert not AnswerNotice.objects.filter(told_at=None).exists()


@pytest.mark.usefixtures("commitment")
def test_nobody_is_told_of_an_idea_that_was_hidden_meanwhile_or_by_an_account_that_is_closed(
    supported: Supported, agent: User, supporters: list[User]
) -> None:
    idea = supported(0, 0)
    answer(take_up(contribution=idea, agent=agent), agent)
    User.objects.filter(pk=supporters[0].pk).update(is_active=False)
    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)
    run_jobs()
    assert mail.outbox == []

    Contribution.objects.filter(pk=idea.pk).update(status=Status.PUBLISHED)
    follow_up(0)
    run_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == ["citizen@example.org", "supporter2@example.org"]


@pytest.mark.usefixtures("commitment")
def test_answer_stays_once_it_is_published(supported: Supported, agent: User) -> None:
    case = take_up(contribution=supported(0), agent=agent)
    answer(case, agent, "Yes.")

    with pytest.raises(AlreadyAnswered):
        answer(case, agent, "No.")
    with pytest.raises(AlreadyAnswered):
        record_study(case=case, agent=agent, department="Roads", verdict="not", text="No.")
    assert (OfficialAnswer.objects.get().text, OfficialAnswer.objects.get().answered_on) == (
        "Yes.",
        timezone.localdate(),
    )
