"""What the people of the demo town say. Every sentence was written for this purpose; `{street}` is a real street."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["point", "line", "area", "points", "lines", "areas", "mixed", "park"]


@dataclass(frozen=True)
class Idea:
    """An idea and the shape of its place; `comments` answer it, `popularity` (0 to 1) steers its supports.

    `pictures` are names of `pictures.NAMES`.
    """

    title: str
    body: str
    shape: Shape
    popularity: float = 0.3
    language: str = "fr"
    comments: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


CALM_STREETS: tuple[Idea, ...] = (
    Idea(
        "Un passage piéton devant l’école",
        "Les enfants traversent {street} entre deux voitures garées. Un passage surélevé et deux arceaux suffiraient.",
        "point",
        0.95,
        comments=(
            "Oui ! Le matin, on ne voit rien à cause des camionnettes de livraison.",
            "Je traverse ici avec une poussette tous les jours. Un passage surélevé serait idéal.",
        ),
        pictures=("crossing",),
    ),
    Idea(
        "Rue aux enfants le mercredi après-midi",
        "Fermer {street} aux voitures de 14 h à 18 h, avec deux barrières et des voisins volontaires.",
        "line",
        0.8,
        comments=("Je suis partant pour tenir une barrière une semaine sur deux.",),
    ),
    Idea(
        "Piste cyclable continue",
        "La bande cyclable s’arrête au milieu de {street}. La prolonger éviterait bien des frayeurs.",
        "line",
        0.85,
        comments=("Avec une vraie séparation, pas seulement de la peinture.",),
    ),
    Idea(
        "Ralentir les voitures la nuit",
        "Après 22 h, on roule très vite dans {street}. Un radar pédagogique, puis des chicanes si cela ne suffit pas.",
        "line",
        0.5,
    ),
    Idea(
        "Des arceaux pour les vélos",
        "Les vélos sont attachés aux poteaux et gênent les fauteuils roulants. Cinq arceaux à la place d’une voiture.",
        "point",
        0.45,
        pictures=("bicycles",),
    ),
    Idea(
        "Abaisser les trottoirs aux trois carrefours",
        "Avec mon fauteuil, je dois rouler sur la chaussée. Il manque une pente douce à ces trois endroits.",
        "points",
        0.9,
        comments=("Mon père a le même souci avec son déambulateur.", "Merci de l’avoir dit si clairement."),
    ),
    Idea(
        "Éclairer le raccourci",
        "Le soir, personne n’ose passer ici. Trois lampadaires qui s’allument au passage suffiraient.",
        "line",
        0.6,
    ),
    Idea(
        "Un banc à mi-chemin",
        "Entre la pharmacie et l’arrêt de bus, il n’y a nulle part où s’asseoir dans {street}.",
        "point",
        0.7,
        comments=("À l’ombre, si possible.",),
        pictures=("bench",),
    ),
    Idea(
        "Livraisons avant 10 heures",
        "Réserver deux places aux livraisons le matin, et les rendre aux habitants ensuite.",
        "points",
        0.25,
    ),
    Idea(
        "Zone de rencontre autour de la place",
        "Tout ce périmètre limité à 20 km/h, priorité aux piétons, sans trottoir ni bordure.",
        "area",
        0.55,
        comments=("Et les bus ? Il faut qu’ils puissent encore passer.",),
    ),
    Idea(
        "Moins de bruit des pavés",
        "Les pavés disjoints de {street} claquent sous chaque voiture. Les rejointoyer, sans les remplacer.",
        "line",
        0.35,
    ),
    Idea(
        "Keep the old tram poles",
        "They are part of the history of {street}. Please keep them and hang the street lights on them.",
        "line",
        0.2,
        "en",
    ),
    Idea(
        "A safe place to cross by bike",
        "Turning left here means waiting in the middle of the traffic. An advanced stop line would help a lot.",
        "point",
        0.4,
        "en",
        comments=("I agree, I get off my bike and walk every time.",),
    ),
    Idea(
        "Deux rues à sens unique, en boucle",
        "Mettre ces deux rues à sens unique libérerait la place d’une rangée d’arbres.",
        "lines",
        0.3,
        comments=("Attention au détour pour les secours.",),
    ),
    Idea(
        "Un miroir à la sortie du garage",
        "On sort à l’aveugle sur le trottoir de {street}.",
        "point",
        0.1,
    ),
    Idea(
        "Parking partagé le soir",
        "Le parking des bureaux est vide dès 18 h. Le partager avec les riverains libérerait la rue.",
        "area",
        0.4,
    ),
    Idea(
        "Des plots contre le stationnement sauvage",
        "Chaque samedi, les trottoirs de {street} sont pleins de voitures.",
        "line",
        0.5,
    ),
    Idea(
        "Arrêt de bus plus près de la maison médicale",
        "Déplacer l’arrêt de 80 mètres épargnerait une longue montée aux patients.",
        "points",
        0.65,
        comments=("Ma mère y va deux fois par semaine, ce serait un vrai soulagement.",),
    ),
    Idea(
        "Traversée en deux temps",
        "Un îlot au milieu de {street} permettrait de traverser tranquillement, une voie après l’autre.",
        "point",
        0.45,
    ),
    Idea(
        "Un seul chantier à la fois",
        "L’eau, le gaz, puis la fibre : {street} a été ouverte trois fois en un an. Regroupons les travaux.",
        "mixed",
        0.75,
    ),
)

SHADE_AND_WATER: tuple[Idea, ...] = (
    Idea(
        "Planter des tilleuls",
        "En été, {street} est une fournaise. Une rangée de tilleuls côté sud, et des bancs dessous.",
        "line",
        0.9,
        comments=("Des érables champêtres poussent mieux ici et demandent moins d’eau.",),
    ),
    Idea(
        "Un verger à partager",
        "Pommiers, pruniers, groseilliers : chacun cueille, chacun entretient. L’association du quartier est prête.",
        "park",
        0.8,
        comments=("J’ai six greffons à donner.", "Qui s’occupe de l’arrosage en août ?"),
    ),
    Idea(
        "Une fontaine à boire",
        "Il n’y a pas un point d’eau à dix minutes à la ronde.",
        "point",
        0.7,
        pictures=("fountain", "bench"),
    ),
    Idea(
        "Déminéraliser la cour",
        "Remplacer le bitume par de la terre et des copeaux, avec un coin d’ombre pour les petits.",
        "area",
        0.85,
        comments=("La cour de l’école d’à côté l’a fait : il y fait bien plus frais.",),
    ),
    Idea(
        "Laisser pousser l’herbe au bord",
        "Une seule fauche par an sur ces bandes, pour les papillons et pour le budget.",
        "areas",
        0.35,
        pictures=("meadow",),
    ),
    Idea(
        "Des nichoirs à martinets",
        "Huit nichoirs sous les toits de ces bâtiments publics. Les écoles pourraient les construire.",
        "points",
        0.4,
    ),
    Idea(
        "Récupérer l’eau de pluie",
        "Une cuve sous la place, pour arroser les plantations de {street}.",
        "point",
        0.3,
    ),
    Idea(
        "Un parcours d’ombre",
        "Relier ces parcs par des rues plantées : on pourrait traverser la ville à l’ombre.",
        "lines",
        0.75,
        comments=("Très belle idée, à relier aussi à l’hôpital.",),
    ),
    Idea(
        "A pond for the school",
        "A small pond in this corner, fenced, as an outdoor classroom. Parents would help to dig it.",
        "area",
        0.5,
        "en",
        comments=("Fenced, yes, but please keep it open for everybody at weekends.",),
    ),
    Idea(
        "Des tables à l’ombre",
        "Trois grandes tables sous les arbres, pour manger dehors le midi.",
        "park",
        0.55,
    ),
    Idea(
        "Brumisateur devant la bibliothèque",
        "Un brumisateur pendant les vagues de chaleur, là où il y a toujours du monde.",
        "point",
        0.2,
        comments=("Cela consomme beaucoup d’eau : plutôt des arbres.",),
    ),
    Idea(
        "Jardinières devant les portes",
        "La ville fournit la terre, les habitants de {street} plantent et arrosent.",
        "line",
        0.6,
    ),
    Idea(
        "Un toit vert sur l’abri de bus",
        "Du sédum sur les abris de ces arrêts : cela coûte peu et se voit de loin.",
        "points",
        0.25,
    ),
    Idea(
        "Rouvrir le ruisseau",
        "Il coule sous la chaussée depuis les années soixante. Le rouvrir, même sur cent mètres.",
        "line",
        0.65,
        comments=("Il faudrait d’abord savoir dans quel état est la canalisation.",),
    ),
    Idea(
        "Un coin pour les chiens",
        "Un petit enclos ici, pour que la grande pelouse reste propre.",
        "area",
        0.3,
        comments=("Et des sacs à côté, s’il vous plaît.",),
    ),
    Idea(
        "Compost de quartier",
        "Trois bacs, une pancarte, un bénévole par mois.",
        "point",
        0.5,
    ),
    Idea(
        "Garder la prairie",
        "Ne construisez pas ici : c’est le dernier pré où les enfants jouent.",
        "area",
        0.7,
    ),
    Idea(
        "Un arbre par naissance",
        "Planter chaque automne, à ces endroits, un arbre pour chaque enfant né dans le quartier.",
        "mixed",
        0.6,
    ),
    Idea(
        "Bancs à deux hauteurs",
        "Un banc bas pour les enfants, un haut pour ceux qui se relèvent avec peine.",
        "points",
        0.45,
    ),
    Idea(
        "Sentier le long de l’eau",
        "Un chemin en gravier stabilisé, accessible aux poussettes, ferait une belle promenade.",
        "line",
        0.8,
        comments=("Avec des endroits pour s’asseoir et regarder l’eau.",),
        pictures=("meadow",),
    ),
)

PAST_PLAYGROUND: tuple[Idea, ...] = (
    Idea("Une tyrolienne", "Pour les grands aussi, s’il vous plaît.", "point", 0.9),
    Idea("Un bac à sable couvert", "À l’ombre et fermé la nuit, à cause des chats.", "point", 0.5),
    Idea("Une clôture côté rue", "Les ballons finissent dans {street}.", "line", 0.6),
    Idea("Une balançoire pour fauteuil", "Que tous les enfants puissent se balancer.", "point", 0.95),
    Idea("Un toboggan dans la pente", "La pente est là, il suffit de l’utiliser.", "line", 0.7),
    Idea("Toilettes et point d’eau", "On rentre toujours trop tôt, faute de toilettes.", "point", 0.8),
)

PEOPLE: tuple[tuple[str, str], ...] = (
    ("amina", "Amina"),
    ("bruno", "Bruno L."),
    ("chantal", "Chantal"),
    ("david", "David M."),
    ("elif", "Elif"),
    ("francois", "François"),
    ("greta", "Greta S."),
    ("hugo", "Hugo"),
    ("ines", "Inès B."),
    ("jan", "Jan"),
    ("katia", "Katia"),
    ("louis", "Louis D."),
)

CHARTER = (
    "Je parle de lieux et d’idées, jamais contre une personne. J’écris ce que je pense, sans publicité. "
    "Je ne donne ni le nom ni l’adresse d’autres personnes."
)
