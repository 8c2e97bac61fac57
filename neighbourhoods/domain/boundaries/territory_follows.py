"""What of the territory itself follows the boundaries: streets, addresses, targets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from neighbourhoods.domain.boundaries.followers import Follower, address_moves, register_follower, street_moves
from neighbourhoods.domain.district_pieces import place_addresses
from neighbourhoods.models import BoundaryRelease, Target


def _targets(release: BoundaryRelease) -> list[str]:
    """Names of the targets that a district of the release is part of; they keep it, with its shape."""
    found = Target.objects.filter(parts__district__release=release).distinct().order_by("name", "pk")
    return list(found.values_list("name", flat=True))


STREETS = register_follower(Follower(kind="streets", label=_("streets"), moves=street_moves))
ADDRESSES = register_follower(
    Follower(
        kind="addresses", label=_("addresses"), moves=address_moves, place_again=lambda _release: place_addresses()
    )
)
TARGETS = register_follower(Follower(kind="targets", label=_("targets"), references=_targets))
