"""Why boundaries are not replaced."""

from __future__ import annotations

from typing import ClassVar

from layers.errors import Refusal


class ReleaseUnknown(Refusal):
    """The level has no release of this name."""

    code: ClassVar[str] = "release_unknown"
    status = 404


class ReleaseInForce(Refusal):
    """The release is in force already."""

    code: ClassVar[str] = "release_in_force"


class ReleaseEmpty(Refusal):
    """The release has no districts: in force, it would leave everything without one."""

    code: ClassVar[str] = "release_empty"


class TerritoryBusy(Refusal):
    """An import is storing its rows."""

    code: ClassVar[str] = "territory_busy"
    status = 409
