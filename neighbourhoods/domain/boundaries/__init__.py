"""A new release of a level's districts: compared with the old one, then put in its place."""

from neighbourhoods.domain.boundaries.compare import BoundaryDifference, compare_releases
from neighbourhoods.domain.boundaries.followers import Follower, Move, moves_of_rows, register_follower
from neighbourhoods.domain.boundaries.place_everything import place_everything
from neighbourhoods.domain.boundaries.replace import replace_boundaries

__all__ = [
    "BoundaryDifference",
    "Follower",
    "Move",
    "compare_releases",
    "moves_of_rows",
    "place_everything",
    "register_follower",
    "replace_boundaries",
]
