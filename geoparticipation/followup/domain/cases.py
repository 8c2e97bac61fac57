"""Taking ideas up, studying them, and noting who is in charge."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.text import clean_text
from geoparticipation.followup.domain.commitments import commitment_on
from geoparticipation.followup.enums import Opening, Verdict
from geoparticipation.followup.errors import AlreadyAnswered, CannotBeTakenUp, NoCommitment, SayMore
from geoparticipation.followup.models import Case, Commitment, Study
from geoparticipation.followup.rules import require_may_follow_up

TEXT_LENGTH: Final = 5000
LINE_LENGTH: Final = 120
MOST_EUROS: Final = Decimal("9999999999.99")

# The moment of each idea's n-th support, of ideas online that have as many and no case yet.
_REACHED: Final = """
    SELECT c.id, s.created_at
    FROM contributions_contribution c
    CROSS JOIN LATERAL (
        SELECT created_at FROM contributions_support
        WHERE contribution_id = c.id ORDER BY created_at, id OFFSET %(before)s LIMIT 1
    ) s
    WHERE c.kind = 'proposal' AND c.status = 'published' AND c.support_count >= %(threshold)s
      AND NOT EXISTS (SELECT FROM followup_case f WHERE f.contribution_id = c.id)
    ORDER BY s.created_at, c.id
"""


@transaction.atomic
def open_cases(*, at: datetime | None = None) -> list[Case]:
    """Take up every idea online whose supports have reached the number of the rule in force; returns the new cases.

    A case is opened on the day of the deciding support, under the rule of that day; an idea that a new, lower number
    lets in, on the day from which it holds. May run again and from two processes at once. Two queries, and two more
    where there is something to open.
    """
    at = at or timezone.now()
    commitment = commitment_on(timezone.localdate(at))
    if commitment is None:
        return []
    with connection.cursor() as cursor:
        threshold = commitment.support_threshold
        cursor.execute(_REACHED, {"before": threshold - 1, "threshold": threshold})
        reached = cursor.fetchall()
    cases = [
        _new_case(pk, Opening.SUPPORTS, max(timezone.localdate(moment), commitment.in_force_from), commitment)
        for pk, moment in reached
    ]
    Case.objects.bulk_create(cases, ignore_conflicts=True)
    return list(Case.objects.filter(contribution__in=[pk for pk, _moment in reached])) if reached else []


@transaction.atomic
def take_up(*, contribution: Contribution, agent: User, at: datetime | None = None) -> Case:
    """Take an idea up whatever its supports; one that is taken up already stays as it is.

    Raises NotAllowed, CannotBeTakenUp, NoCommitment.
    """
    require_may_follow_up(agent)
    if contribution.kind != Kind.PROPOSAL or contribution.status != Status.PUBLISHED:
        raise CannotBeTakenUp
    day = timezone.localdate(at)
    commitment = commitment_on(day)
    if commitment is None:
        raise NoCommitment
    Case.objects.bulk_create([_new_case(contribution.pk, Opening.AGENT, day, commitment)], ignore_conflicts=True)
    return Case.objects.get(contribution=contribution)


def _new_case(contribution_id: int, opening: Opening, day: date, commitment: Commitment) -> Case:
    return Case(
        contribution_id=contribution_id,
        opening=opening,
        opened_on=day,
        commitment=commitment,
        study_due_on=day + timedelta(days=commitment.study_days),
        answer_due_on=day + timedelta(days=commitment.answer_days),
    )


def put_in_charge(*, case: Case, agent: User, person: User | None) -> Case:
    """Say who sees to the case (an agent), or nobody. Raises NotAllowed, SayMore."""
    require_may_follow_up(agent)
    if person is not None and not (person.is_active and person.is_agent):
        raise SayMore(_("Only an agent can be in charge."), field="in_charge")
    case.in_charge = person
    case.save(update_fields=["in_charge"])
    return case


@transaction.atomic
def record_study(
    *,
    case: Case,
    agent: User,
    department: str,
    verdict: str,
    text: str,
    cost: Decimal | None = None,
    at: datetime | None = None,
) -> Study:
    """Note what the study found; again, until the answer: its first day counts. `cost` in euros.

    Raises NotAllowed, AlreadyAnswered, SayMore.
    """
    require_may_follow_up(agent)
    locked = lock_unanswered(case)
    department, text = clean_text(department, lines=False), clean_text(text, lines=True)
    require_text(department, "department", LINE_LENGTH, _("Say which department made the study."))
    require_text(text, "text", TEXT_LENGTH, _("Say in a few sentences what was found."))
    if verdict not in Verdict.values:
        raise SayMore(_("Choose what the study says."), field="verdict")
    require_euros(cost, "cost")
    study, _made = Study.objects.update_or_create(
        case=locked,
        defaults={"department": department, "verdict": verdict, "text": text, "cost": cost, "made_by": agent},
        create_defaults={
            "department": department,
            "verdict": verdict,
            "text": text,
            "cost": cost,
            "made_by": agent,
            "made_on": timezone.localdate(at),
        },
    )
    return study


def lock_unanswered(case: Case) -> Case:
    """Lock the case's row until the transaction ends. Raises AlreadyAnswered."""
    locked = Case.objects.select_for_update(of=("self",), no_key=True).select_related("answer").get(pk=case.pk)
    if hasattr(locked, "answer"):
        raise AlreadyAnswered
    return locked


def require_text(text: str, field: str, longest: int, missing: str) -> None:
    """Raise SayMore where a text is empty or too long."""
    if not text:
        raise SayMore(missing, field=field)
    if len(text) > longest:
        raise SayMore(_("Shorten this to %(longest)d characters.") % {"longest": longest}, field=field)


def require_euros(amount: Decimal | None, field: str) -> None:
    """Raise SayMore where an amount is negative or beyond what can be kept."""
    if amount is not None and not (0 <= amount <= MOST_EUROS):
        raise SayMore(_("Give an amount in euros, of zero or more."), field=field)
