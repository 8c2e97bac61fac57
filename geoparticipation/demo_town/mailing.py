"""A mailing of the demo: flyers that were delivered on rounds, codes that were opened and answers that came back."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
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

MADE_DAYS_AGO: Final = 18
DELIVERED_DAYS_AGO: Final = 14
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


def load_mailing(*, agent: User, consultation: Consultation, seed: int) -> Mailing | None:
    """Make a mailing to the consultation's target, with its design, rounds, delivery and answers; None without homes.

    A reminder to those that did not answer is made, too, and waits for its flyers.
    """
    now = timezone.now()
    target = consultation.target
    if target is None:
        return None
    try:
        mailing = make_mailing(name="Premier envoi", consultation=consultation, target=target, user=agent)
    except NothingToMail:
        return None
    mailing.created_at = now - timedelta(days=MADE_DAYS_AGO)
    mailing.save(update_fields=["created_at"])
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
    delivered_on = timezone.localdate(now - timedelta(days=DELIVERED_DAYS_AGO))
    record_delivery(mailing=mailing, delivered_on=delivered_on)
    _let_homes_answer(mailing, delivered_on, seed)
    _remind(mailing, agent)
    return mailing


def _let_homes_answer(mailing: Mailing, delivered_on: date, seed: int) -> None:
    """Open and answer some of the codes, each on its day, at an hour at which people read their post."""
    codes = list(LetterboxCode.objects.filter(letterbox__mailing=mailing).select_related("letterbox").order_by("pk"))
    heard = min(int(len(codes) * MOST_OPENED), len(ANSWERS) * (1 + OPENED_ONLY))
    chosen = random.Random(seed).sample(codes, heard)  # noqa: S311  (a demo, not a secret)
    evening = timezone.make_aware(datetime.combine(delivered_on, time(18, 20)))
    for at, code in enumerate(chosen):
        days, language, title, body = ANSWERS[at % len(ANSWERS)]
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


def _remind(mailing: Mailing, agent: User) -> None:
    make_mailing(
        name="Rappel",
        consultation=mailing.consultation,
        target=mailing.target,
        only_unanswered_of=mailing,
        user=agent,
    )
