"""Taking ideas up, studying them, and noting who is in charge."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.text import clean_text
from geoparticipation.followup.domain.commitments import commitment_on
from geoparticipation.followup.enums import Opening, Verdict
from geoparticipation.followup.errors import AlreadyAnswered, CannotBeTakenUp, NoCommitment, NotOnline, SayMore
from geoparticipation.followup.models import Case, Commitment, OfficialAnswer, Study
from geoparticipation.followup.rules import require_may_follow_up

TEXT_LENGTH: Final = 5000
LINE_LENGTH: Final = 120
MOST_EUROS: Final = Decimal("9999999999.99")

# Of ideas online without a case: the first rule, of those in force so far, whose number their supports reached while it
# was in force, and the day of the town on which they did. An idea that was hidden reaches it when it is online again.
_REACHED: Final = """
    WITH rule AS (
        SELECT id, support_threshold, in_force_from, lead(in_force_from) OVER (ORDER BY in_force_from) AS until
        FROM followup_commitment WHERE in_force_from <= %(today)s
    )
    SELECT DISTINCT ON (c.id) c.id, rule.id, reached.day
    FROM contributions_contribution c
    JOIN rule ON c.support_count >= rule.support_threshold
    CROSS JOIN LATERAL (
        SELECT created_at FROM contributions_support
        WHERE contribution_id = c.id ORDER BY created_at, id OFFSET rule.support_threshold - 1 LIMIT 1
    ) support
    CROSS JOIN LATERAL (
        SELECT max(changed_at) AS at FROM contributions_statuschange
        WHERE contribution_id = c.id AND to_status = 'published'
    ) online
    CROSS JOIN LATERAL (
        SELECT greatest(
            (greatest(support.created_at, online.at) AT TIME ZONE %(zone)s)::date, rule.in_force_from
        ) AS day
    ) reached
    WHERE c.kind = 'proposal' AND c.status = 'published'
      AND NOT EXISTS (SELECT FROM followup_case f WHERE f.contribution_id = c.id)
      AND reached.day <= %(today)s AND (rule.until IS NULL OR reached.day < rule.until)
    ORDER BY c.id, reached.day
"""


@transaction.atomic
def open_cases(*, at: datetime | None = None) -> list[Case]:
    """Take up every idea online whose supports have reached the number of the rule in force; returns the new cases.

    A case is opened on the day of the deciding support, under the rule of that day, also where this runs only after
    the next one began; an idea that a new, lower number lets in, on the day from which it holds. May run again and from
    two processes at once. Two queries, and two more where there is something to open.
    """
    today = timezone.localdate(at)
    # Locked, so that none is replaced while cases are opened under it.
    in_force = Commitment.objects.select_for_update(no_key=True).filter(in_force_from__lte=today)
    commitments = {commitment.pk: commitment for commitment in in_force.order_by("in_force_from")}
    if not commitments:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, {"today": today, "zone": timezone.get_current_timezone_name()})
        reached = cursor.fetchall()
    if not reached:
        return []
    Case.objects.bulk_create(
        [_new_case(idea, Opening.SUPPORTS, day, commitments[rule]) for idea, rule, day in reached],
        ignore_conflicts=True,
    )
    return list(Case.objects.filter(contribution__in=[idea for idea, _rule, _day in reached]))


@transaction.atomic
def take_up(*, contribution: Contribution, agent: User, at: datetime | None = None) -> Case:
    """Take an idea up whatever its supports; one that is taken up already stays as it is.

    Raises NotAllowed, CannotBeTakenUp, NoCommitment.
    """
    require_may_follow_up(agent)
    if not Contribution.objects.public().filter(pk=contribution.pk, kind=Kind.PROPOSAL).exists():
        raise CannotBeTakenUp
    day = timezone.localdate(at)
    commitment = commitment_on(day, lock=True)
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

    Raises NotAllowed, AlreadyAnswered, NotOnline, SayMore.
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
    """Lock the case's row until the transaction ends. Three queries. Raises AlreadyAnswered, NotOnline."""
    locked = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    # Asked once the row is locked: a join would show what was there before somebody else's answer.
    if OfficialAnswer.objects.filter(case=locked).exists():
        raise AlreadyAnswered
    if not Contribution.objects.public().filter(pk=locked.contribution_id).exists():
        raise NotOnline
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
