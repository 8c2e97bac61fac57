"""Tables of the territory."""

from neighbourhoods.models.address import Address
from neighbourhoods.models.district import BoundaryRelease, District, DistrictLevel, DistrictPiece
from neighbourhoods.models.ground import Ground
from neighbourhoods.models.street import Street, StreetName
from neighbourhoods.models.target import Target, TargetPart

__all__ = [
    "Address",
    "BoundaryRelease",
    "District",
    "DistrictLevel",
    "DistrictPiece",
    "Ground",
    "Street",
    "StreetName",
    "Target",
    "TargetPart",
]
