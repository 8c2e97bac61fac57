"""The demo's volunteering exchange: neighbours who offer help, associations that ask for it, and what came of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.contrib.gis.geos import GEOSGeometry

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain import apply_process_template, publish_consultation, save_consultation
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import LocatedBy, PublicPlace
from geoparticipation.demo_town.texts import CHARTER
from geoparticipation.moderation.domain import mark_read
from geoparticipation.volunteering.domain.agreements import ask_to_help, ask_volunteer, change_agreement, write_message
from geoparticipation.volunteering.domain.associations import check_association, save_association
from geoparticipation.volunteering.domain.details import When
from geoparticipation.volunteering.domain.matching import matches_of_mission
from geoparticipation.volunteering.domain.missions import submit_mission
from geoparticipation.volunteering.domain.offers import submit_offer
from geoparticipation.volunteering.domain.skills import save_skill
from geoparticipation.volunteering.models import Association, Mission, Skill, VolunteerOffer
from neighbourhoods.domain.home_areas import LEAST_BUILDINGS
from neighbourhoods.domain.territory import territory_covers
from neighbourhoods.models import Address

SKILLS: Final = (
    ("Jardinage", "Gardening"),
    ("Bricolage", "Repairs and handiwork"),
    ("Cuisine", "Cooking"),
    ("Lecture à voix haute", "Reading aloud"),
    ("Soutien scolaire", "Help with homework"),
    ("Informatique", "Computers and phones"),
    ("Accompagner à pied", "Walking with somebody"),
    ("Langues", "Languages"),
    ("Musique", "Music"),
    ("Sport", "Sport"),
    ("Accueil et café", "Welcome and coffee"),
    ("Porter et déménager", "Carrying and moving"),
)
_WEEKEND: Final = (15, 16, 18, 19)
_EVENINGS: Final = (2, 5, 8, 11, 14)
_MORNINGS: Final = (0, 3, 6, 9, 12)
_WEDNESDAY: Final = (6, 7)


@dataclass(frozen=True)
class _Offer:
    title: str
    body: str
    skills: tuple[str, ...]
    slots: tuple[int, ...]
    reach_m: int
    language: str = "fr"
    level: int = 2
    on_foot: bool = True


OFFERS: Final = (
    _Offer("Deux heures de jardin par semaine", "J’ai mes gants et ma bêche.", ("Jardinage",), _WEEKEND, 1000),
    _Offer("Je répare les vélos", "Freins, chambres à air, dérailleurs.", ("Bricolage",), _EVENINGS, 2000, level=3),
    _Offer("Lire des histoires", "Aux petits ou aux anciens.", ("Lecture à voix haute", "Langues"), _MORNINGS, 1000),
    _Offer(
        "Help with phones and forms",
        "Slowly, and as often as it takes.",
        ("Informatique", "Langues"),
        _EVENINGS,
        2000,
        "en",
        3,
    ),
    _Offer("Une soupe pour vingt", "Je cuisine volontiers en grand.", ("Cuisine",), (14, 15, 16, 17), 2000),
    _Offer("Promenade du matin", "J’accompagne qui n’ose plus sortir seul.", ("Accompagner à pied",), _MORNINGS, 500),
    _Offer("Devoirs du mercredi", "Mathématiques et français.", ("Soutien scolaire",), _WEDNESDAY, 1000),
    _Offer("Guitar for a sing-along", "I know two hundred songs.", ("Musique",), (*_EVENINGS, *_WEEKEND), 5000, "en"),
    _Offer("Bras solides", "Pour un canapé ou trente chaises.", ("Porter et déménager",), _WEEKEND, 2000),
    _Offer("Servir le café", "Je débute, mais je souris.", ("Accueil et café",), (*_MORNINGS, 15), 1000, level=1),
    _Offer("Courir avec les jeunes", "Ancienne entraîneuse.", ("Sport",), _WEDNESDAY, 2000, level=3, on_foot=False),
    _Offer("Planting and watering", "Happy to learn.", ("Jardinage", "Accueil et café"), _WEEKEND, 1000, "en", 1),
)


@dataclass(frozen=True)
class _Mission:
    association: int
    title: str
    body: str
    skills: tuple[str, ...]
    slots: tuple[int, ...]
    people: int = 2
    level: int = 1
    language: str = "fr"
    place: str = PublicPlace.EXACT


MISSIONS: Final = (
    _Mission(0, "Planter la haie du square", "Deux cents arbustes attendent.", ("Jardinage",), _WEEKEND, 8),
    _Mission(
        0, "Watering in the dry weeks", "Half an hour, early.", ("Jardinage",), (*_MORNINGS, 15), 4, language="en"
    ),
    _Mission(1, "Servir le café des voisins", "Chaque samedi.", ("Accueil et café", "Cuisine"), (15, 16), 3),
    _Mission(
        1,
        "Promenades avec Mme et M.",
        "Une heure, bras dessus bras dessous.",
        ("Accompagner à pied",),
        _MORNINGS,
        2,
        place=PublicPlace.STREET,
    ),
    _Mission(1, "Phone help at the library", "People come with their own.", ("Informatique",), _EVENINGS, 2, 2, "en"),
    _Mission(1, "Aide aux devoirs", "Primaire, par groupes de trois.", ("Soutien scolaire",), _WEDNESDAY, 3, 2),
    _Mission(0, "Monter les tentes de la fête", "Avec des sandwichs.", (), (15, 18), 12),
)

ASSOCIATIONS: Final = (
    ("Les Mains vertes", "Nous plantons, arrosons et partageons les jardins du quartier.", "https://example.org/mains"),
    ("Voisins solidaires", "Nous rendons visite, nous accompagnons et nous tenons le café du samedi.", ""),
    ("Atelier des petits", "Un atelier de réparation de jouets, bientôt ouvert.", "https://example.org/atelier"),
)


def load_volunteering(*, agent: User, moderator: User, people: Sequence[User], today: date, seed: int) -> Consultation:
    """Make the exchange: skills, associations, offers, missions, agreements; `people` begins with the citizen.

    The citizen offers help, acts for the first association and agreed with the second. Needs addresses for the offers:
    a town without enough homes has missions only.
    """
    chance = random.Random(seed)  # noqa: S311  (a demo, not a secret)
    skills = {fr: save_skill(user=agent, names={"fr": fr, "en": en}) for fr, en in SKILLS}
    exchange = save_consultation(
        user=agent,
        title="La bourse au bénévolat",
        summary="Un coup de main, près de chez vous : proposez le vôtre, ou trouvez celui qui vous manque.",
        description=(
            "<p>Vous avez deux heures par semaine ? Votre association cherche des bras ? Dites-le ici, sur la carte."
            " Le site vous montre ce qui est <strong>près de vous</strong>, au bon moment.</p><p>Personne ne voit votre"
            " adresse : une offre est un secteur de plusieurs logements.</p>"
        ),
        language="fr",
        identity_level=IdentityLevel.EMAIL,
        moderation=ModerationRule.AFTER,
        political_lead="Sofia Lemaire, échevine de la vie associative",
        operational_lead="Agnès, service participation",
        charter=CHARTER,
    )
    apply_process_template(
        consultation=exchange, template="volunteering", starts_on=today - timedelta(days=60), days=(None,), user=agent
    )
    publish_consultation(consultation=exchange, user=agent)
    actors = [Actor(user=person, level=IdentityLevel.EMAIL) for person in people]
    homes = _homes(chance, len(OFFERS) + len(MISSIONS) + len(ASSOCIATIONS))
    if not homes:
        return exchange
    places = iter(homes)
    associations = [
        _association(agent, actors[position], place, next(places)) for position, place in enumerate(ASSOCIATIONS)
    ]
    check_association(user=agent, association=associations[0], accepted=True)
    check_association(user=agent, association=associations[1], accepted=True)
    missions = [
        _mission(exchange, actors[wanted.association], associations[wanted.association], (wanted, next(places)), skills)
        for wanted in MISSIONS
    ]
    offers = []
    for position, offered in enumerate(OFFERS):
        actor = actors[position % len(actors)]
        offers.append(_offer(exchange, actor, skills, offered, next(places)))
    for row in (*missions[:-1], *offers[:-1]):
        mark_read(contribution=row.contribution, moderator=moderator)
    _agree(actors, missions)
    return exchange


def _homes(chance: random.Random, count: int) -> list[GEOSGeometry]:
    """Letterboxes near one another in the middle of the town, so that offers and missions suit."""
    found = list(Address.objects.current().order_by("pk").values_list("geometry", flat=True)[:20_000])
    if not found:
        return []
    x = sorted(point.x for point in found)[len(found) // 2]
    y = sorted(point.y for point in found)[len(found) // 2]
    found.sort(key=lambda point: (point.x - x) ** 2 * 0.4 + (point.y - y) ** 2)
    near = [place for place in chance.sample(found[:600], min(600, len(found))) if territory_covers(place)]
    return [near[number % len(near)] for number in range(count)] if len(near) > LEAST_BUILDINGS else []


def _association(agent: User, actor: Actor, words: tuple[str, str, str], place: GEOSGeometry) -> Association:
    name, summary, website = words
    return save_association(
        actor=actor,
        name=name,
        summary=summary,
        website=website,
        contact_phone="+000 11 22 55",
        description="Tout le monde est bienvenu, une fois ou chaque semaine.",
        geometry=place,
    )


def _mission(
    exchange: Consultation,
    actor: Actor,
    association: Association,
    what_and_where: tuple[_Mission, GEOSGeometry],
    skills: dict[str, Skill],
) -> Mission:
    wanted, place = what_and_where
    return submit_mission(
        actor=actor,
        association=association,
        consultation=exchange,
        title=wanted.title,
        body=wanted.body,
        when=When(wanted.slots),
        skills=[skills[name] for name in wanted.skills],
        people_wanted=wanted.people,
        level=wanted.level,
        geometry=place,
        located_by=LocatedBy.ADDRESS,
        public_place=wanted.place,
        language=wanted.language,
        charter_accepted=True,
    )


def _offer(
    exchange: Consultation, actor: Actor, skills: dict[str, Skill], offered: _Offer, home: GEOSGeometry
) -> VolunteerOffer:
    return submit_offer(
        actor=actor,
        consultation=exchange,
        title=offered.title,
        body=offered.body,
        skills=[skills[name] for name in offered.skills],
        when=When(offered.slots),
        reach_m=offered.reach_m,
        on_foot=offered.on_foot,
        level=offered.level,
        geometry=home,
        located_by=LocatedBy.ADDRESS,
        language=offered.language,
        charter_accepted=True,
    )


def _agree(actors: Sequence[Actor], missions: Sequence[Mission]) -> None:
    """One agreement that is done, one that runs, one that was just asked."""
    hedge, coffee = missions[0], missions[2]
    helper, citizen = actors[2 % len(actors)], actors[0]
    done = ask_to_help(actor=helper, mission=hedge, message="Je viens avec ma brouette, samedi dès 9 h.")
    change_agreement(actor=citizen, agreement=done, to_state="accepted", message="Parfait, rendez-vous au portail.")
    change_agreement(
        actor=citizen, agreement=done, to_state="done", hours=Decimal("6.5"), thanks="La haie tient debout. Merci !"
    )
    runs = ask_to_help(actor=citizen, mission=coffee, message="Je suis libre tous les samedis.")
    change_agreement(actor=actors[1], agreement=runs, to_state="accepted")
    write_message(actor=actors[1], agreement=runs, body="Merci ! La clé est chez la gardienne.")
    for mission in missions:
        suits = [match for match in matches_of_mission(mission=mission) if match.offer.contribution.author_id]
        side = actors[0] if mission.association.members.filter(user=citizen.user).exists() else actors[1]
        for match in suits:
            if match.offer.contribution.author_id not in {side.user.pk, helper.user.pk, citizen.user.pk}:  # type: ignore[union-attr]
                ask_volunteer(
                    actor=side, mission=mission, offer=match.offer, message="Votre offre nous irait très bien."
                )
                return
