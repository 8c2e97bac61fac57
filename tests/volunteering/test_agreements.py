"""From the first message to the thanks: nobody's address is told before both want it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.contributions.errors import TextMissing
from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering import tasks
from geoparticipation.volunteering.domain.agreements import (
    ask_to_help,
    ask_volunteer,
    change_agreement,
    show_email,
    write_message,
)
from geoparticipation.volunteering.domain.associations import check_association
from geoparticipation.volunteering.errors import (
    AgreementChangeNotAllowed,
    AlreadyAgreed,
    AssociationNotChecked,
    MissionFull,
    NotAsked,
    OfferIncomplete,
    UnknownAgreement,
)
from geoparticipation.volunteering.models import Agreement
from geoparticipation.volunteering.queries import figures_of_associations
from tests.fixtures.question import actor_of
from tests.volunteering.conftest import Association, MakeMission, MakeOffer


def run_mails() -> list[mail.EmailMessage]:
    """Run what was queued for volunteering, in its order; the mails that came of it."""
    mail.outbox.clear()
    for job in ProcrastinateJob.objects.filter(task_name__startswith="geoparticipation.volunteering").order_by("id"):
        getattr(tasks, job.task_name.rpartition(".")[2]).func(**job.args)
    return mail.outbox


def test_volunteer_asks_and_all_goes_well(
    make_mission: MakeMission, citizen: User, councillor: User, association: Association
) -> None:
    agreement = ask_to_help(actor=actor_of(citizen), mission=make_mission(people_wanted=2), message="I can come.")
    assert agreement.names_volunteer
    change_agreement(actor=actor_of(councillor), agreement=agreement, to_state="accepted", message="See you at nine.")
    write_message(actor=actor_of(citizen), agreement=agreement, body="With my spade.")
    show_email(actor=actor_of(citizen), agreement=agreement, shown=True)
    assert not agreement.shows_emails
    show_email(actor=actor_of(councillor), agreement=agreement, shown=True)
    assert agreement.shows_emails
    show_email(actor=actor_of(citizen), agreement=agreement, shown=False)
    assert not agreement.shows_emails
    change_agreement(
        actor=actor_of(councillor), agreement=agreement, to_state="done", hours=Decimal("2.5"), thanks="What a hedge!"
    )

    figures = figures_of_associations(type(association).objects.filter(pk=association.pk))[0]
    assert (figures.missions, figures.volunteers, figures.hours) == (1, 1, Decimal("2.5"))
    with pytest.raises(AgreementChangeNotAllowed):
        change_agreement(actor=actor_of(councillor), agreement=agreement, to_state="cancelled")


def test_mails_have_no_address_of_the_other_side(
    make_mission: MakeMission, make_offer: MakeOffer, citizen: User, neighbour: User, councillor: User
) -> None:
    mission, offer = make_mission(people_wanted=3), make_offer(by=neighbour)
    own = ask_to_help(actor=actor_of(citizen), mission=mission, message="I can come.")
    asked = ask_volunteer(actor=actor_of(councillor), mission=mission, offer=offer, message="Would you?")
    change_agreement(actor=actor_of(neighbour), agreement=asked, to_state="declined")
    change_agreement(actor=actor_of(councillor), agreement=own, to_state="accepted")

    sent = run_mails()

    # The check of the association came first.
    assert [message.to for message in sent[1:]] == [
        [councillor.email], [neighbour.email], [councillor.email], [citizen.email]
    ]  # fmt: skip
    everybody = {citizen.email, neighbour.email, councillor.email}
    for message in sent:
        text = f"{message.subject} {message.body} {message.from_email} {message.reply_to} {message.extra_headers}"
        assert not any(address in text for address in everybody)
        assert "Neighbour" not in text
        assert "50.84" not in text
        assert "Haute" not in text


def test_association_learns_a_name_once_the_person_agrees(
    make_mission: MakeMission, make_offer: MakeOffer, neighbour: User, councillor: User
) -> None:
    agreement = ask_volunteer(
        actor=actor_of(councillor), mission=make_mission(), offer=make_offer(by=neighbour), message="Would you?"
    )
    assert not agreement.names_volunteer

    change_agreement(actor=actor_of(neighbour), agreement=agreement, to_state="accepted")

    assert agreement.names_volunteer


def test_association_writes_only_to_whom_suits(
    make_mission: MakeMission, make_offer: MakeOffer, councillor: User, neighbour: User
) -> None:
    actor, far = actor_of(councillor), make_offer(reach_m=100)
    mission = make_mission()
    with pytest.raises(NotAsked):
        ask_volunteer(actor=actor, mission=mission, offer=far, message="Would you?")
    Contribution.objects.filter(pk=mission.pk).update(status="hidden")
    with pytest.raises(NotAsked):
        ask_volunteer(actor=actor, mission=mission, offer=make_offer(), message="Would you?")
    with pytest.raises(NotAsked):
        ask_to_help(actor=actor_of(neighbour), mission=mission, message="I come.")
    assert not Agreement.objects.exists()


def test_one_contact_at_a_time_and_no_more_people_than_wanted(
    make_mission: MakeMission, citizen: User, neighbour: User, outsider: User, councillor: User
) -> None:
    mission = make_mission(people_wanted=1)
    first = ask_to_help(actor=actor_of(citizen), mission=mission, message="I come.")
    second = ask_to_help(actor=actor_of(neighbour), mission=mission, message="Me too.")
    with pytest.raises(AlreadyAgreed):
        ask_to_help(actor=actor_of(citizen), mission=mission, message="Again.")
    change_agreement(actor=actor_of(councillor), agreement=first, to_state="accepted")

    with pytest.raises(MissionFull):
        change_agreement(actor=actor_of(councillor), agreement=second, to_state="accepted")
    with pytest.raises(MissionFull):
        ask_to_help(actor=actor_of(outsider), mission=mission, message="Me three.")
    change_agreement(actor=actor_of(citizen), agreement=first, to_state="cancelled")
    change_agreement(actor=actor_of(councillor), agreement=second, to_state="accepted")
    with pytest.raises(UnknownAgreement):
        write_message(actor=actor_of(outsider), agreement=second, body="Let me in.")
    with pytest.raises(AgreementChangeNotAllowed):
        write_message(actor=actor_of(citizen), agreement=first, body="Sorry.")


@pytest.mark.parametrize("hours", [None, Decimal(0), Decimal(-1), Decimal(1001)])
def test_hours_are_needed_to_be_done(
    hours: Decimal | None, make_mission: MakeMission, citizen: User, councillor: User
) -> None:
    agreement = ask_to_help(actor=actor_of(citizen), mission=make_mission(), message="I come.")
    change_agreement(actor=actor_of(councillor), agreement=agreement, to_state="accepted")

    with pytest.raises(OfferIncomplete):
        change_agreement(actor=actor_of(councillor), agreement=agreement, to_state="done", hours=hours)
    agreement.refresh_from_db()
    assert agreement.state == "accepted"


def test_addresses_are_not_shown_before_both_agree_on_the_mission(make_mission: MakeMission, citizen: User) -> None:
    agreement = ask_to_help(actor=actor_of(citizen), mission=make_mission(), message="I come.")

    with pytest.raises(AgreementChangeNotAllowed):
        show_email(actor=actor_of(citizen), agreement=agreement, shown=True)
    with pytest.raises(TextMissing):
        write_message(actor=actor_of(citizen), agreement=agreement, body="  ")


def test_association_that_was_refused_writes_to_nobody(
    make_mission: MakeMission, make_offer: MakeOffer, association: Association, agent: User, councillor: User
) -> None:
    mission, offer = make_mission(), make_offer()
    mission.association = check_association(user=agent, association=association, accepted=False, reason="A fraud.")

    with pytest.raises(AssociationNotChecked):
        ask_volunteer(actor=actor_of(councillor), mission=mission, offer=offer, message="Would you?")


def test_who_said_no_is_not_asked_again(
    make_mission: MakeMission, make_offer: MakeOffer, citizen: User, councillor: User
) -> None:
    mission, offer, other = make_mission(), make_offer(), make_offer()
    asked = ask_volunteer(actor=actor_of(councillor), mission=mission, offer=offer, message="Would you?")
    change_agreement(actor=actor_of(citizen), agreement=asked, to_state="declined")

    with pytest.raises(AgreementChangeNotAllowed):
        ask_volunteer(actor=actor_of(councillor), mission=mission, offer=offer, message="Really not?")
    with pytest.raises(NotAsked):
        ask_volunteer(actor=actor_of(councillor), mission=mission, offer=other, message="And this?")
    ask_to_help(actor=actor_of(citizen), mission=mission, message="I can after all.")


def test_association_does_not_learn_whose_offer_it_is_from_who_wrote(
    make_mission: MakeMission, make_offer: MakeOffer, citizen: User, councillor: User
) -> None:
    mission, offer = make_mission(), make_offer()
    ask_to_help(actor=actor_of(citizen), mission=mission, message="I come.")

    with pytest.raises(NotAsked):
        ask_volunteer(actor=actor_of(councillor), mission=mission, offer=offer, message="Would you?")


def test_address_that_is_hidden_stays_so_when_the_other_side_answers_late(
    make_mission: MakeMission, citizen: User, councillor: User
) -> None:
    agreement = ask_to_help(actor=actor_of(citizen), mission=make_mission(), message="I come.")
    change_agreement(actor=actor_of(councillor), agreement=agreement, to_state="accepted")
    show_email(actor=actor_of(citizen), agreement=agreement, shown=True)
    read_before = Agreement.objects.get(pk=agreement.pk)
    show_email(actor=actor_of(citizen), agreement=agreement, shown=False)

    show_email(actor=actor_of(councillor), agreement=read_before, shown=True)

    agreement.refresh_from_db()
    assert not agreement.volunteer_shows_email
