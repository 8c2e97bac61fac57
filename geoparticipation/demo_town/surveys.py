"""A survey in the demo town, in both languages, and what a hundred and twenty people answered."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.domain.save_phases import PhaseInput, save_phases
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import LocatedBy, Origin
from geoparticipation.demo_town.places import PlaceMaker, busiest_streets
from geoparticipation.surveys.domain import save_survey, submit_response
from geoparticipation.surveys.enums import OnePer, ResultsShown, SurveyState
from geoparticipation.surveys.models import Survey
from layers.geometry import geometry_to_geojson

RESPONSES: Final = 120
_ON_PAPER: Final = 9
_OPEN_DAYS: Final = (-20, 22)

Words = Mapping[str, str]


def load_survey(*, consultation: Consultation, agent: User, seed: int) -> Survey:
    """Open a survey in a consultation beside what it is doing, and let people answer it over the last weeks."""
    starts_at = timezone.now() + timedelta(days=_OPEN_DAYS[0])
    kept = [
        PhaseInput(
            pk=phase.pk,
            kind=phase.kind,
            title=phase.title,
            description=phase.description,
            starts_at=phase.starts_at,
            ends_at=phase.ends_at,
        )
        for phase in consultation.phases.all()
    ]
    opened = PhaseInput(
        kind=PhaseKind.SURVEY, starts_at=starts_at, ends_at=timezone.now() + timedelta(days=_OPEN_DAYS[1])
    )
    save_phases(consultation=consultation, phases=[*kept, opened], user=agent)
    area = consultation.target.geometry if consultation.target else None
    streets = busiest_streets(30, touching=area) or busiest_streets(30)
    places = PlaceMaker(streets, seed + 17, near=area)
    survey = save_survey(
        user=agent,
        consultation=consultation,
        slug=f"deplacements-{consultation.slug}"[:80],
        definition=_definition([_spot(places) for _number in range(3)]),
        state=SurveyState.OPEN,
        one_per=OnePer.DEVICE,
        results_shown=ResultsShown.ALWAYS,
    )
    chance = random.Random(seed)  # noqa: S311  (a demo, not a secret)
    for number, at in enumerate(_moments(starts_at, chance)):
        on_paper = number % (RESPONSES // _ON_PAPER) == 5
        key_hash = hashlib.sha256(f"demo respondent {consultation.pk} {number}".encode()).hexdigest()
        home, _street = places.make("point")
        submit_response(
            actor=Actor(user=agent) if on_paper else Actor(device=Device(key_hash=key_hash)),
            survey=survey,
            answers=_answers(places, chance),
            geometry=home,
            located_by=LocatedBy.PIN,
            origin=Origin.PAPER if on_paper else Origin.WEB,
            language="en" if chance.random() < 0.3 else "fr",
            charter_accepted=True,
            at=at,
        )
    return survey


def _moments(first: datetime, chance: random.Random) -> Iterator[datetime]:
    span = (timezone.now() - first).total_seconds() - 3600
    yield from (
        first + timedelta(seconds=second) for second in sorted(chance.uniform(0, span) for _n in range(RESPONSES))
    )


def _spot(places: PlaceMaker) -> tuple[GEOSGeometry, str]:
    geometry, street = places.make("point")
    return geometry, street.name


def _t(french: str, english: str) -> Words:
    return {"fr": french, "en": english}


def _choices(*said: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "label": _t(french, english)} for key, french, english in said]


def _definition(spots: Sequence[tuple[GEOSGeometry, str]]) -> dict[str, Any]:
    by_foot_or_bike = {
        "any": [{"question": "mode", "is": "equals", "value": value} for value in ("foot", "bike")],
    }
    return {
        "format": "geoparticipation-survey/1",
        "languages": ["fr", "en"],
        "title": _t("Comment vous déplacez-vous ?", "How do you get about?"),
        "introduction": _t(
            "Douze questions, dix minutes. Vos réponses servent à redessiner la rue : dites ce que vous vivez, pas ce"
            " qu’il faudrait répondre.",
            "Twelve questions, ten minutes. Your answers help to redesign the street: say what it is like for you.",
        ),
        "thanks": _t(
            "Le service voirie lit chaque réponse. Les résultats sont en ligne tout de suite, et la synthèse à la fin.",
            "The roads department reads every answer. The results are online at once, the synthesis at the end.",
        ),
        "sections": [
            {
                "key": "habitudes",
                "title": _t("Vos habitudes", "Your habits"),
                "questions": [
                    {
                        "key": "mode",
                        "kind": "single",
                        "required": True,
                        "other": True,
                        "label": _t("Comment vous déplacez-vous le plus souvent ?", "How do you mostly get about?"),
                        "choices": _choices(
                            ("foot", "À pied", "On foot"),
                            ("bike", "À vélo", "By bicycle"),
                            ("bus", "En bus ou en tram", "By bus or tram"),
                            ("car", "En voiture", "By car"),
                        ),
                    },
                    {
                        "key": "gene",
                        "kind": "multiple",
                        "max_choices": 3,
                        "random_order": True,
                        "label": _t("Qu’est-ce qui vous gêne le plus ?", "What bothers you most?"),
                        "help": _t("Trois réponses au plus.", "Three answers at the most."),
                        "choices": _choices(
                            ("vitesse", "La vitesse des voitures", "The speed of cars"),
                            ("bruit", "Le bruit", "The noise"),
                            ("trottoir", "Les trottoirs étroits ou encombrés", "Narrow or blocked pavements"),
                            ("ombre", "Le manque d’ombre", "Too little shade"),
                            ("nuit", "Le manque de lumière la nuit", "Too little light at night"),
                        ),
                    },
                    {
                        "key": "surete",
                        "kind": "scale",
                        "minimum": 1,
                        "maximum": 5,
                        "labels": {
                            "minimum": _t("pas du tout en sécurité", "not safe at all"),
                            "maximum": _t("tout à fait en sécurité", "quite safe"),
                        },
                        "show_if": by_foot_or_bike,
                        "label": _t(
                            "À pied ou à vélo, vous sentez-vous en sécurité ?",
                            "On foot or by bicycle, do you feel safe?",
                        ),
                    },
                    {
                        "key": "frequence",
                        "kind": "matrix",
                        "label": _t("Combien de fois allez-vous…", "How often do you go…"),
                        "rows": _choices(
                            ("travail", "au travail ou à l’école", "to work or school"),
                            ("courses", "faire des courses", "shopping"),
                            ("parc", "au parc", "to the park"),
                        ),
                        "choices": _choices(
                            ("jour", "Chaque jour", "Every day"),
                            ("semaine", "Chaque semaine", "Every week"),
                            ("rare", "Plus rarement", "Less often"),
                        ),
                    },
                    {
                        "key": "voitures",
                        "kind": "number",
                        "minimum": 0,
                        "maximum": 9,
                        "step": 1,
                        "label": _t("Combien de voitures compte votre foyer ?", "How many cars does your home have?"),
                    },
                ],
            },
            {
                "key": "lieux",
                "title": _t("Vos lieux", "Your places"),
                "questions": [
                    {
                        "key": "danger",
                        "kind": "place",
                        "shapes": ["point"],
                        "max_places": 3,
                        "label": _t("Où est-ce dangereux ?", "Where is it dangerous?"),
                        "help": _t("Jusqu’à trois endroits.", "Up to three places."),
                        "follow_up": [
                            {
                                "key": "pourquoi",
                                "kind": "short_text",
                                "max_length": 120,
                                "label": _t("Pourquoi ?", "Why?"),
                            },
                            {
                                "key": "gravite",
                                "kind": "scale",
                                "minimum": 1,
                                "maximum": 3,
                                "labels": {"minimum": _t("un peu", "a little"), "maximum": _t("très", "very")},
                                "label": _t("À quel point ?", "How much?"),
                            },
                        ],
                    },
                    {
                        "key": "trajet",
                        "kind": "place",
                        "shapes": ["line"],
                        "max_length_m": 20000,
                        "label": _t("Quel chemin prenez-vous le plus ?", "Which way do you take most?"),
                    },
                    {
                        "key": "zone",
                        "kind": "place",
                        "shapes": ["area"],
                        "max_area_m2": 1_000_000,
                        "label": _t("Quel endroit faut-il calmer d’abord ?", "Which area should be calmed first?"),
                    },
                    {
                        "key": "arceaux",
                        "kind": "places_choice",
                        "max_choices": 2,
                        "label": _t("Où mettre des arceaux à vélos ?", "Where should bicycle stands go?"),
                        "places": [
                            {"key": f"lieu{number}", "label": _t(name, name), "geometry": geometry_to_geojson(geometry)}
                            for number, (geometry, name) in enumerate(spots, start=1)
                        ],
                    },
                ],
            },
            {
                "key": "choix",
                "title": _t("Vos choix", "Your choices"),
                "questions": [
                    {
                        "key": "ordre",
                        "kind": "ranking",
                        "max_ranks": 3,
                        "label": _t("Qu’est-ce qui compte le plus pour vous ?", "What matters most to you?"),
                        "choices": _choices(
                            ("arbres", "Des arbres", "Trees"),
                            ("bancs", "Des bancs", "Benches"),
                            ("pistes", "Des pistes cyclables", "Cycle tracks"),
                            ("places", "Des places de parking", "Parking spaces"),
                        ),
                    },
                    {
                        "key": "budget",
                        "kind": "budget",
                        "total": 100,
                        "unit": _t("000 €", "000 €"),
                        "label": _t("Comment répartir 100 000 € ?", "How would you share out 100,000 €?"),
                        "items": [
                            {
                                "key": key,
                                "label": _t(french, english),
                                "cost_minimum": 0,
                                "cost_maximum": 80,
                                "step": 10,
                            }
                            for key, french, english in (
                                ("arbres", "Planter des arbres", "Plant trees"),
                                ("eclairage", "Éclairer les raccourcis", "Light the short cuts"),
                                ("carrefours", "Refaire les carrefours", "Rebuild the crossings"),
                            )
                        ],
                    },
                    {
                        "key": "mot",
                        "kind": "long_text",
                        "max_length": 1000,
                        "label": _t("Autre chose à nous dire ?", "Anything else to tell us?"),
                        "help": _t(
                            "N’écrivez pas de noms, de numéros ou d’adresses de personnes.",
                            "Please write no names, phone numbers or addresses of people.",
                        ),
                    },
                ],
            },
        ],
    }


_WHY: Final = (
    "On ne voit rien à cause des voitures garées.",
    "Les voitures roulent trop vite.",
    "Pas de lumière le soir.",
    "The pavement ends here.",
    "Trop étroit pour une poussette.",
    "No crossing for 200 metres.",
)
_MORE: Final = (
    "Pensez aux personnes en fauteuil.",
    "Merci de demander avant de dessiner.",
    "The benches by the stop are a good idea.",
    "Il manque un vrai passage devant l’école.",
    "Please keep some parking for carers.",
)


def _answers(places: PlaceMaker, chance: random.Random) -> dict[str, Any]:
    mode = chance.choices(["foot", "bike", "bus", "car", {"other": "trottinette"}], [30, 25, 20, 22, 3])[0]
    bothers = chance.sample(["vitesse", "bruit", "trottoir", "ombre", "nuit"], chance.randint(1, 3))
    order = sorted(
        ["arbres", "bancs", "pistes", "places"], key=lambda key: chance.random() * (1 if key == "arbres" else 2)
    )
    trees = chance.choice([20, 30, 40, 50])
    light = chance.choice([10, 20, 30])
    said: dict[str, Any] = {
        "mode": mode,
        "gene": bothers,
        "surete": chance.choices([1, 2, 3, 4, 5], [10, 30, 30, 20, 10])[0],
        "frequence": {row: chance.choice(["jour", "semaine", "rare"]) for row in ("travail", "courses", "parc")},
        "voitures": chance.choices([0, 1, 2, 3], [35, 45, 17, 3])[0],
        "arceaux": chance.sample(["lieu1", "lieu2", "lieu3"], chance.randint(1, 2)),
        "ordre": order[: chance.randint(1, 3)],
        "budget": {"arbres": trees, "eclairage": light, "carrefours": min(80, 100 - trees - light)},
    }
    if chance.random() < 0.7:
        said["danger"] = [
            {
                "geometry": _drawn(places, "point"),
                "follow_up": {"pourquoi": chance.choice(_WHY), "gravite": chance.randint(1, 3)},
            }
            for _number in range(chance.choice([1, 1, 2]))
        ]
    if chance.random() < 0.4:
        said["trajet"] = [{"geometry": _drawn(places, "line")}]
    if chance.random() < 0.25:
        said["zone"] = [{"geometry": _drawn(places, "area")}]
    if chance.random() < 0.3:
        said["mot"] = chance.choice(_MORE)
    return said


def _drawn(places: PlaceMaker, shape: Any) -> dict[str, Any]:
    return geometry_to_geojson(places.make(shape)[0])
