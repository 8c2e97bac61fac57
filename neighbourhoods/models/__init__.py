"""Tables of the territory."""

from neighbourhoods.models.address import Address
from neighbourhoods.models.district import BoundaryRelease, District, DistrictLevel, DistrictPiece
from neighbourhoods.models.ground import Ground
from neighbourhoods.models.home_area import HomeArea, HomeAreaCell
from neighbourhoods.models.register_upload import RegisterUpload
from neighbourhoods.models.street import Street, StreetName
from neighbourhoods.models.target import Target, TargetPart

__all__ = [
    "Address",
    "BoundaryRelease",
    "District",
    "DistrictLevel",
    "DistrictPiece",
    "Ground",
    "HomeArea",
    "HomeAreaCell",
    "RegisterUpload",
    "Street",
    "StreetName",
    "Target",
    "TargetPart",
]
