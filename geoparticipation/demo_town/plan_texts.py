"""Words of the demo's plans, in the language of their consultations; `{street}` is the street's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class VariantTexts:
    """One variant."""

    name: str
    text: str


@dataclass(frozen=True)
class PlaceTexts:
    """One place, and what each variant does there."""

    name: str
    text: str
    notes: tuple[str, str, str]


@dataclass(frozen=True)
class PlanTexts:
    """A plan: as it is, trees, tram and bicycles; `comments` with the number of their place from 0 on."""

    title: str
    text: str
    variants: tuple[VariantTexts, VariantTexts, VariantTexts]
    places: tuple[PlaceTexts, ...]
    comments: tuple[tuple[int, str], ...]
    tree: str
    tree_kind: str
    terrace: str
    terrace_kind: str
    tram: str
    tram_kind: str
    stop: str
    cycle: str
    cycle_kind: str


CALM_STREET: Final = PlanTexts(
    title="{street}\u00a0: trois variantes",
    text=(
        "La conduite d’eau sera remplacée l’an prochain et la rue rouverte. Voici trois façons de la refaire.\n"
        "Elles diffèrent surtout à quatre endroits : dites, pour chacun, ce que vous préférez."
    ),
    variants=(
        VariantTexts("Comme aujourd’hui", "La rue est refaite à l’identique, avec son stationnement des deux côtés."),
        VariantTexts("Une allée d’arbres", "Deux rangées de tilleuls, une terrasse, du stationnement d’un seul côté."),
        VariantTexts("Tram et vélos", "Un tram au milieu, une piste cyclable de chaque côté, plus de stationnement."),
    ),
    places=(
        PlaceTexts(
            "L’entrée de la rue",
            "On y traverse mal, surtout le soir.",
            (
                "Le passage piéton reste où il est.",
                "Le trottoir avance : on traverse en une fois.",
                "Arrêt de tram avec feux.",
            ),
        ),
        PlaceTexts(
            "Devant l’école",
            "Le matin, voitures et vélos d’enfants s’y mêlent.",
            (
                "La dépose-minute reste.",
                "La dépose-minute devient un parvis planté.",
                "Piste protégée par une bordure.",
            ),
        ),
        PlaceTexts(
            "Les commerces",
            "Livraisons, terrasses et poussettes se partagent quatre mètres.",
            ("Six places de livraison.", "Une terrasse sous les arbres, deux livraisons.", "Livraisons avant 10 h."),
        ),
        PlaceTexts(
            "Le carrefour du bas",
            "L’eau y reste après chaque orage.",
            ("Rien ne change.", "Les fosses des arbres boivent l’eau de pluie.", "Terminus du tram."),
        ),
    ),
    comments=(
        (0, "Le trottoir qui avance, oui ! Avec ma poussette je n’arrive jamais au bout avant le rouge."),
        (1, "Si la dépose-minute disparaît, où s’arrête le bus scolaire ?"),
        (1, "Un parvis planté, et les enfants attendent enfin à l’ombre."),
        (2, "Pour ma boulangerie, il me faut une place de livraison à 6 h, pas plus."),
        (3, "Les arbres contre l’eau : la rue voisine l’a fait, et la cave reste sèche."),
    ),
    tree="Tilleul",
    tree_kind="arbre",
    terrace="Terrasse",
    terrace_kind="place",
    tram="Ligne de tram",
    tram_kind="tram",
    stop="Arrêt",
    cycle="Piste cyclable",
    cycle_kind="vélo",
)

MARKET_STREET: Final = PlanTexts(
    title="{street}: three ways to rebuild it",
    text="The surface is worn out and has to go. What should come instead? The variants differ at four places.",
    variants=(
        VariantTexts("As it is", "New tarmac, everything else stays."),
        VariantTexts("Trees and a terrace", "Two rows of limes, a terrace, parking at one side."),
        VariantTexts("Tram and bicycles", "A tram in the middle, a cycle path at each side, no parking."),
    ),
    places=(
        PlaceTexts(
            "Upper end",
            "Where the buses turn.",
            ("The buses turn as today.", "Shade at the bus stop.", "Tram stop."),
        ),
        PlaceTexts(
            "By the library",
            "The pavement is one metre wide.",
            ("One metre.", "Three metres and benches.", "Two metres."),
        ),
        PlaceTexts(
            "Market place",
            "On Saturdays forty stalls stand here.",
            ("Forty stalls.", "Thirty-four stalls under trees.", "Twenty-two stalls beside the tracks."),
        ),
        PlaceTexts(
            "Lower end",
            "The junction with most accidents.",
            ("Traffic lights.", "A raised crossing.", "Cycle paths on their own lights."),
        ),
    ),
    comments=(
        (2, "Do not take our stalls away: the market is why people come."),
        (2, "Under trees I would stay for a coffee."),
        (3, "My daughter was hit here. Separate lights, please."),
    ),
    tree="Lime tree",
    tree_kind="tree",
    terrace="Terrace",
    terrace_kind="square",
    tram="Tram line",
    tram_kind="tram",
    stop="Tram stop",
    cycle="Cycle path",
    cycle_kind="bicycle",
)
