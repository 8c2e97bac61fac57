"""A mailing of the demo: flyers that were delivered on rounds, codes that were opened and answers that came back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from django.utils import timezone

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy
from geoparticipation.mailings.domain.flyers.design import make_flyer_design, save_flyer_design
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.domain.rounds.ask_for_rounds import ask_for_rounds, carry_out_plan
from geoparticipation.mailings.errors import NothingToMail
from geoparticipation.mailings.models import LetterboxCode, Mailing

DELIVERED_DAYS_AGO: Final = 14
REMINDED_DAYS_AGO: Final = 4
OPENED_ONLY: Final = 2
"""For each letterbox that answers, so many open the code and leave it at that."""
MOST_OPENED: Final = 0.6
"""The share of letterboxes that are heard of, at the most: a small town must have some that are not."""

# What homes answered, with the days after the delivery: language, title, text.
ANSWERS: Final = (
    (0, "fr", "Un passage piéton devant l’école", "Les voitures ne s’arrêtent pas."),
    (0, "fr", "Moins de voitures le matin", "Fermez la rue une demi-heure, à l’entrée des classes."),
    (1, "en", "Keep the bus stop where it is", "My mother cannot walk to the next one."),
    (1, "fr", "Des arbres plutôt que des places", "Deux places de moins, quatre arbres de plus."),
    (2, "fr", "La rue à 20 km/h", "Avec des coussins, pas seulement un panneau."),
    (3, "fr", "Un banc à mi-chemin", "La pente est longue pour les personnes âgées."),
    (3, "en", "A place to lock a cargo bike", "It does not fit into our hall."),
    (4, "fr", "Un meilleur éclairage", "Le trottoir est sombre entre deux lampes."),
    (6, "fr", "Garder les livraisons devant les magasins", "Avant 10 h, cela suffit."),
    (8, "fr", "Plus de verdure aux pieds des murs", "Nous voulons bien arroser."),
    (10, "en", "Wider pavement at the corner", "Two prams do not pass each other."),
    (11, "fr", "Ne changez rien au stationnement", "Nous n’avons pas d’autre endroit pour la voiture."),
)
LATE_ANSWERS: Final = (
    (0, "fr", "Un stop au lieu du cédez-le-passage", "Personne ne cède."),
    (0, "fr", "Des bacs à fleurs que l’on peut déplacer", "Pour essayer avant de construire."),
    (1, "en", "Close the street on Sundays", "As they do in the next town."),
    (2, "fr", "Un trottoir sans poubelles", "Elles bloquent les fauteuils roulants."),
)

Answer = tuple[int, str, str, str]


def load_mailing(*, agent: User, consultation: Consultation, seed: int) -> Mailing | None:
    """Make a mailing to the consultation's target, with its design, rounds, delivery and answers; None without homes.

    A reminder to those that did not answer went out, too, and another one waits for its flyers.
    """
    target = consultation.target
    if target is None:
        return None
    try:
        mailing = make_mailing(name="Premier envoi", consultation=consultation, target=target, user=agent)
    except NothingToMail:
        return None
    save_flyer_design(
        design=make_flyer_design(
            mailing=mailing,
            title="Votre rue change : qu’en pensez-vous ?",
            second_language="en",
            second_title="Your street is changing: what do you think?",
            second_text=(
                "Nothing is decided yet. Scan the code or type it on our site, and show where the street is dangerous,"
                " unpleasant or just right."
            ),
        )
    )
    carry_out_plan(plan_id=ask_for_rounds(mailing=mailing, user=agent, rounds=min(2, mailing.segments.count())).pk)
    _deliver(mailing, DELIVERED_DAYS_AGO)
    _let_homes_answer(mailing, ANSWERS, seed)
    reminder = _remind("Rappel", mailing, agent)
    if reminder is not None:
        _deliver(reminder, REMINDED_DAYS_AGO)
        _let_homes_answer(reminder, LATE_ANSWERS, seed)
        _remind("Dernier rappel", reminder, agent)
    return mailing


def _deliver(mailing: Mailing, days_ago: int) -> None:
    """As if it had been made three days earlier and been in the letterboxes since then."""
    delivered_at = timezone.now() - timedelta(days=days_ago)
    mailing.created_at = delivered_at - timedelta(days=3)
    mailing.save(update_fields=["created_at"])
    record_delivery(mailing=mailing, delivered_on=timezone.localdate(delivered_at))


def _let_homes_answer(mailing: Mailing, answers: Sequence[Answer], seed: int) -> None:
    """Open and answer some of the codes, each on its day, at an hour at which people read their post."""
    codes = list(LetterboxCode.objects.filter(letterbox__mailing=mailing).select_related("letterbox").order_by("pk"))
    heard = min(int(len(codes) * MOST_OPENED), len(answers) * (1 + OPENED_ONLY))
    chosen = random.Random(seed).sample(codes, heard)  # noqa: S311  (a demo, not a secret)
    delivered_on = mailing.delivered_on or timezone.localdate()
    evening = timezone.make_aware(datetime.combine(delivered_on, time(18, 20)))
    for at, code in enumerate(chosen):
        days, language, title, body = answers[at % len(answers)]
        moment = evening + timedelta(days=days, minutes=7 * at)
        home = Actor()
        opened = open_code(text=code_of(mailing, code.letterbox, code), actor=home, at=moment)
        if at < heard // (1 + OPENED_ONLY):
            submit_contribution(
                actor=home,
                consultation=mailing.consultation,
                kind=Kind.PROPOSAL,
                title=title,
                body=body,
                located_by=LocatedBy.LETTERBOX,
                language=language,
                charter_accepted=True,
                letterbox=opened,
                at=moment,
            )


def _remind(name: str, earlier: Mailing, agent: User) -> Mailing | None:
    try:
        return make_mailing(
            name=name,
            consultation=earlier.consultation,
            target=earlier.target,
            only_unanswered_of=earlier,
            user=agent,
        )
    except NothingToMail:
        return None
