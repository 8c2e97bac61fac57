"""What the demo's people ask for with 40,000 €. Every sentence was written for this purpose."""

from __future__ import annotations

from dataclasses import dataclass

NATURE, STREET, TOGETHER, CULTURE = "Nature", "Rue et mobilité", "Vivre ensemble", "Culture et sport"


@dataclass(frozen=True)
class Wish:
    """An idea with its price; with a `refusal` it was not kept. `popularity` (0 to 1) steers its votes."""

    title: str
    body: str
    cost: int
    category: str
    popularity: float = 0.2
    upkeep: int = 0
    shape: str = "point"
    refusal: str = ""
    language: str = "fr"


WISHES: tuple[Wish, ...] = (
    Wish(
        "Dix arbres devant l’école",
        "De l’ombre pour les parents qui attendent et pour la cour.",
        6500,
        NATURE,
        0.6,
        400,
        "line",
    ),
    Wish(
        "Un jardin partagé derrière la bibliothèque",
        "Douze parcelles, un cabanon, un composteur.",
        7800,
        NATURE,
        0.5,
        600,
        "area",
    ),
    Wish(
        "Nichoirs pour martinets et mésanges",
        "Trente nichoirs sur les façades publiques, posés avec les écoles.",
        1500,
        NATURE,
        0.45,
        100,
        "points",
    ),
    Wish(
        "Un verger au parc", "Vingt fruitiers de variétés anciennes, cueillette libre.", 5200, NATURE, 0.4, 700, "park"
    ),
    Wish(
        "Des jardinières devant les commerces",
        "Six bacs entretenus par les commerçants.",
        3600,
        NATURE,
        0.2,
        500,
        "line",
    ),
    Wish(
        "A pond for frogs",
        "A small pond without fish, behind a low fence.",
        8900,
        NATURE,
        0.25,
        450,
        "point",
        language="en",
    ),
    Wish(
        "Composteurs de quartier",
        "Quatre composteurs avec un maître-composteur bénévole.",
        2400,
        NATURE,
        0.3,
        300,
        "points",
    ),
    Wish("Un abri pour vélos à la gare", "Vingt places couvertes, éclairées, avec pompe.", 9800, STREET, 0.45, 350),
    Wish("Arceaux à vélos devant les écoles", "Huit arceaux par école.", 2800, STREET, 0.35, 50, "points"),
    Wish("Un passage piéton surélevé", "Là où les enfants traversent pour aller au parc.", 12500, STREET, 0.55, 200),
    Wish(
        "Bancs à mi-pente",
        "Cinq bancs avec accoudoirs, là où l’on reprend son souffle.",
        4500,
        STREET,
        0.5,
        150,
        "line",
    ),
    Wish(
        "Better light on the path",
        "Low lamps that wake when somebody comes.",
        11000,
        STREET,
        0.35,
        500,
        "line",
        language="en",
    ),
    Wish(
        "Panneaux « à pied, c’est 10 minutes »",
        "Vingt panneaux avec les temps de marche.",
        1900,
        STREET,
        0.2,
        60,
        "points",
    ),
    Wish(
        "Une rampe pour la salle des fêtes",
        "Pour les fauteuils, les poussettes et les musiciens.",
        7200,
        STREET,
        0.4,
        0,
    ),
    Wish("Fontaine à boire sur la place", "De l’eau fraîche pour tous, chiens compris.", 5600, TOGETHER, 0.55, 380),
    Wish("Une table de ping-pong", "En béton, solide, près de l’aire de jeux.", 3200, CULTURE, 0.4, 40, "park"),
    Wish("Boîtes à livres", "Six boîtes, chacune avec un parrain ou une marraine.", 1800, CULTURE, 0.45, 90, "points"),
    Wish(
        "Une scène en bois au parc",
        "Pour les écoles, les fanfares et les soirs d’été.",
        9400,
        CULTURE,
        0.35,
        600,
        "park",
    ),
    Wish("Terrain de pétanque", "Deux pistes et un banc, à l’ombre.", 4100, CULTURE, 0.3, 120),
    Wish("Four à pain collectif", "Une fournée par mois, tous ensemble.", 8200, TOGETHER, 0.3, 500),
    Wish(
        "Fête des voisins : le kit",
        "Tables, bancs, tonnelles et guirlandes à emprunter.",
        3900,
        TOGETHER,
        0.4,
        200,
        "points",
    ),
    Wish(
        "A repair café every month", "Tools, two trestle tables and a sign.", 2600, TOGETHER, 0.35, 300, language="en"
    ),
    Wish(
        "Fresque sur le mur du gymnase",
        "Dessinée par les jeunes, peinte avec une artiste.",
        6800,
        CULTURE,
        0.3,
        0,
        "line",
    ),
    Wish(
        "Jeux pour enfants en fauteuil",
        "Une balançoire et un panneau sonore accessibles.",
        9900,
        TOGETHER,
        0.5,
        250,
        "park",
    ),
    Wish(
        "Une piscine en plein air",
        "Pour les étés chauds.",
        950000,
        CULTURE,
        refusal="Elle coûterait plus de vingt fois l’enveloppe. L’idée est transmise au plan d’investissement.",
    ),
    Wish(
        "Supprimer la taxe sur les déchets",
        "Elle est trop chère.",
        0,
        TOGETHER,
        refusal="Une taxe n’est pas un projet qui se réalise quelque part : le conseil communal en décide.",
    ),
    Wish(
        "Un tram jusqu’au centre",
        "Toutes les dix minutes.",
        0,
        STREET,
        refusal="Ce n’est pas de la compétence de la commune. Nous l’avons transmis à la société de transport.",
    ),
    Wish(
        "Des caméras dans chaque rue",
        "Pour la sécurité.",
        60000,
        STREET,
        refusal="Cela dépasse l’enveloppe, et la loi demande pour chaque caméra une étude à part.",
    ),
    Wish(
        "Agrandir le parking de la gare",
        "Il est plein à huit heures.",
        0,
        STREET,
        refusal="Le terrain appartient aux chemins de fer, qui ne le cèdent pas.",
    ),
    Wish(
        "Couper les platanes",
        "Les feuilles bouchent les gouttières.",
        0,
        NATURE,
        refusal="Les platanes sont sains et protégés. Les gouttières seront nettoyées deux fois par an.",
    ),
    Wish(
        "Une statue du premier bourgmestre",
        "En bronze, sur la place.",
        45000,
        CULTURE,
        refusal="Le projet coûte plus que toute l’enveloppe.",
    ),
    Wish(
        "Un skatepark",
        "Avec un bol.",
        85000,
        CULTURE,
        refusal="Il coûte le double de l’enveloppe. Un terrain est cherché pour un autre budget.",
    ),
    Wish(
        "Free buses for everybody",
        "Every day of the year.",
        0,
        STREET,
        refusal="This is a running cost and not a project; the region decides on fares.",
        language="en",
    ),
    Wish(
        "Goudronner le sentier du bois",
        "Pour y passer en voiture.",
        30000,
        STREET,
        refusal="Le sentier traverse une zone naturelle protégée.",
    ),
)

PAST_WISHES: tuple[Wish, ...] = (
    Wish("Un toit pour le kiosque", "La pluie arrête chaque concert.", 14000, CULTURE, 0.5, 300),
    Wish("Haies pour les oiseaux", "Trois cents mètres de haies.", 6000, NATURE, 0.45, 400, "line"),
    Wish("Jeux d’eau", "Des jets au sol, pour les jours chauds.", 16000, TOGETHER, 0.55, 1200),
    Wish("Un local pour les jeunes", "Repeint et meublé par eux.", 9000, TOGETHER, 0.4, 500),
    Wish("Table d’orientation", "En haut de la colline.", 2500, CULTURE, 0.2, 0),
    Wish("Marquage pour la cour de récré", "Marelles, pistes, échiquier.", 1800, CULTURE, 0.35, 100, "area"),
    Wish("Ralentisseurs", "Deux coussins berlinois.", 5200, STREET, 0.25, 50, "points"),
    Wish("A notice board for clubs", "With a roof, on the square.", 1200, TOGETHER, 0.25, 20, language="en"),
)
