"""One step changed for one consultation: what it opens when, what it tells, and that nothing else changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain import (
    PhaseInput,
    apply_process_template,
    publish_consultation,
    save_consultation,
    save_phases,
)
from geoparticipation.consultations.errors import ConsultationIncomplete
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.consultations.phases import open_features
from geoparticipation.consultations.processes import PROCESS_TEMPLATES, OwnSteps, own_steps
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import record_study, take_up
from geoparticipation.followup.domain.commitments import set_commitment
from geoparticipation.meetings.domain.meetings import save_meeting, write_minutes
from geoparticipation.meetings.models import Meeting
from tests.fixtures.question import MakeConsultation, Submit
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
FIRST_DAY = date(2026, 1, 5)
USUAL = ["presentation", "contribution", "synthesis", "debate", "decision"]

# What people may do in each step, written down a second time on purpose.
OPENS = {
    "presentation": set(),
    "contribution": {"propose", "comment", "support", "prefer"},
    "synthesis": set(),
    "debate": {"comment", "support", "prefer"},
    "survey": {"respond"},
    "decision": set(),
}


def make(agent: User, title: str) -> Consultation:
    consultation = save_consultation(user=agent, title=title, summary="What should become of it?", language="en")
    apply_process_template(consultation=consultation, template="consultation", starts_on=FIRST_DAY, user=agent)
    return publish_consultation(consultation=consultation, user=agent)


def inputs_of(consultation: Consultation) -> list[PhaseInput]:
    names = ("pk", "kind", "title", "description", "starts_at", "ends_at")
    return [PhaseInput(**{name: getattr(phase, name) for name in names}) for phase in consultation.phases.all()]


def with_one_more(consultation: Consultation, kind: str, agent: User) -> list[Phase]:
    """Give the decision's first ten days to one more step before it."""
    *before, decision = inputs_of(consultation)
    later = decision.starts_at + timedelta(days=10)
    more = PhaseInput(kind, decision.starts_at, later, title="Once more")
    moved = PhaseInput("decision", later, None, pk=decision.pk)
    return save_phases(consultation=consultation, phases=[*before, more, moved], user=agent)


@pytest.mark.parametrize("kind", ["debate", "survey"])
def test_one_more_step_changes_this_consultation_only(agent: User, kind: str) -> None:
    template = PROCESS_TEMPLATES["consultation"]
    changed, other = make(agent, "Changed"), make(agent, "Other")
    before = list(other.phases.values())

    with_one_more(changed, kind, agent)

    assert [phase.kind for phase in changed.phases.all()] == [*USUAL[:4], kind, "decision"]
    assert list(other.phases.values()) == before
    assert PROCESS_TEMPLATES["consultation"] is template
    assert [step.kind for step in template.steps] == USUAL
    assert [phase.kind for phase in make(agent, "Later").phases.all()] == USUAL
    assert own_steps("consultation", changed.phases.all()) == OwnSteps(added=("Once more",), left_out=())
    assert own_steps("consultation", other.phases.all()) == OwnSteps(added=(), left_out=())


def test_each_step_opens_what_it_declares_on_its_first_and_its_last_moment(agent: User) -> None:
    changed = make(agent, "Changed")
    phases = with_one_more(changed, "debate", agent)
    moment = timedelta(microseconds=1)

    found = {}
    for phase in phases:
        last = phase.ends_at - moment if phase.ends_at else phase.starts_at + timedelta(days=9999)
        for at in (phase.starts_at, last):
            found[phase.pk, at] = set(map(str, open_features(changed, at)))

    assert found == {key: OPENS[phase.kind] for phase in phases for key in found if key[0] == phase.pk}
    assert open_features(changed, phases[0].starts_at - moment) == frozenset()


def test_step_in_the_place_of_another_is_told_to_agents(client: Client, agent: User) -> None:
    consultation = make(agent, "Changed")
    phases = [
        PhaseInput("survey", one.starts_at, one.ends_at, title="Questions") if one.kind == "debate" else one
        for one in inputs_of(consultation)
    ]
    save_phases(consultation=consultation, phases=phases, user=agent)
    client.force_login(agent)

    page = client.get(f"/workspace/consultations/{consultation.slug}/", headers=ENGLISH).content.decode()

    assert own_steps("consultation", consultation.phases.all()).added == ("Questions",)  # type: ignore[union-attr]
    assert "+ Questions" in page
    assert "− Debate" in page


def test_outcome_is_cleaned_kept_and_read_by_everybody(client: Client, agent: User) -> None:
    consultation = make(agent, "Changed")
    hostile = '<p>Trees <a href="https://example.org/sum.pdf">first</a></p><script>alert(1)</script>'
    phases = [
        PhaseInput(
            one.kind, one.starts_at, one.ends_at, pk=one.pk, outcome=hostile if one.kind == "synthesis" else None
        )
        for one in inputs_of(consultation)
    ]
    save_phases(consultation=consultation, phases=phases, user=agent)
    save_phases(consultation=consultation, phases=inputs_of(consultation), user=agent)  # which say nothing of it

    kept = consultation.phases.get(kind="synthesis").outcome
    page = client.get(f"/consultations/{consultation.slug}/", headers=ENGLISH).content.decode()
    told = client.get(f"/api/v1/consultations/{consultation.slug}/").json()["phases"]

    assert kept == ('<p>Trees <a href="https://example.org/sum.pdf" rel="noopener noreferrer">first</a></p>')
    assert page.count(kept) == 1
    assert [phase["outcome"] for phase in told] == ["", "", kept, "", ""]
    with pytest.raises(ConsultationIncomplete):
        save_phases(
            consultation=consultation,
            phases=[PhaseInput("debate", phases[0].starts_at, outcome="x" * 20_001)],
            user=agent,
        )


def test_agent_writes_what_came_of_a_step_in_plain_words(client: Client, agent: User) -> None:
    consultation = make(agent, "Changed")
    client.force_login(agent)
    path = f"/workspace/consultations/{consultation.slug}/"
    form = client.get(path).context
    said = {name: form["form"][name].value() for name in form["form"].fields}
    said["inside_target_only"] = ""
    for row in [form["phases"].management_form, *form["phases"]]:
        said |= {row[name].html_name: row[name].value() for name in row.fields}
    for row in form["phases"].initial_forms:
        for name in ("starts_at", "ends_at"):
            value = row[name].value()
            said[row[name].html_name] = value.strftime("%Y-%m-%dT%H:%M") if value else ""
    said["phases-2-outcome"] = "Trees <3 first.\n\nThen benches."

    answer = client.post(
        path, {name: value for name, value in said.items() if value is not None and value is not False}
    )

    assert answer.status_code == 302, answer.context["phases"].errors
    kept = consultation.phases.get(kind="synthesis").outcome
    assert kept == "<p>Trees &lt;3 first.</p>\n\n<p>Then benches.</p>"
    assert client.get(path).context["phases"].forms[2]["outcome"].value() == "Trees <3 first.\n\nThen benches."


def test_steps_lead_to_their_meetings_and_the_decision_to_the_answers(
    client: Client, agent: User, tiny_town: TinyTown, make_consultation: MakeConsultation, submit: Submit
) -> None:
    consultation = make_consultation()
    first = consultation.phases.get()
    phases = [PhaseInput(first.kind, first.starts_at, first.ends_at, pk=first.pk)]
    assert first.ends_at is not None
    phases += [
        PhaseInput("debate", first.starts_at, first.ends_at),
        PhaseInput("decision", first.starts_at + timedelta(hours=1), title="The council decides"),
    ]
    save_phases(consultation=consultation, phases=phases, user=agent)
    idea, other = submit(title="Linden trees", into=consultation), submit(title="A tower", into=make_consultation())
    set_commitment(agent=agent, in_force_from=timezone.localdate(), support_threshold=50, study_days=30, answer_days=60)
    for one in (idea, other):
        case = take_up(contribution=one, agent=agent)
        record_study(case=case, agent=agent, department="Parks", verdict="feasible", text="Yes.")
        publish_answer(case=case, agent=agent, decision="accepted", text="Yes.", signed_by="A. Weber")
    for title, state in (("Evening of debate", "announced"), ("Secret evening", "draft")):
        meeting = save_meeting(
            agent=agent,
            consultation=consultation,
            title=title,
            link="https://example.org/online",
            starts_at=first.starts_at + timedelta(hours=2),
            ends_at=first.starts_at + timedelta(hours=4),
        )
        Meeting.objects.filter(pk=meeting.pk).update(state=state)
    write_minutes(agent=agent, meeting=Meeting.objects.get(state="announced"), minutes="Yes.", decisions=[])

    page = client.get(f"/consultations/{consultation.slug}/", headers=ENGLISH).content.decode()

    steps = page.split('<ol class="phases">')[1].split('<span class="phase-name"')[1:]
    debate = next(step for step in steps if step.startswith(">Debate"))
    decision = next(step for step in steps if ">The council decides</span>" in step).split('id="ideas"')[0]
    assert ("Evening of debate" in debate, "#minutes" in debate) == (True, True)
    assert "Secret evening" not in page
    assert "Linden trees" in decision
    assert "Evening of debate" not in decision
    assert "A tower" not in page
