"""Putting a release of a level in force instead of another, with everything in it placed again."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext as _

from neighbourhoods.domain.boundaries.errors import ReleaseEmpty, ReleaseInForce, ReleaseUnknown, TerritoryBusy
from neighbourhoods.domain.boundaries.place_everything import place_everything
from neighbourhoods.domain.district_tree import rank_levels
from neighbourhoods.importers.store.staging import may_change_territory, one_import_at_a_time
from neighbourhoods.models import BoundaryRelease


def release_named(*, level: str, name: str) -> BoundaryRelease:
    """The release of this name of this level; raises ReleaseUnknown naming those that exist."""
    found = BoundaryRelease.objects.select_related("level").filter(level__name=level, name=name).first()
    if found is None:
        known = BoundaryRelease.objects.filter(level__name=level).order_by("imported_at").values_list("name", flat=True)
        raise ReleaseUnknown(
            _("Level %(level)s has no release “%(release)s”. It has: %(known)s.")
            % {"level": level, "release": name, "known": ", ".join(known) or _("none")},
            field="release",
        )
    return found


def release_in_force(*, level: str) -> BoundaryRelease | None:
    """The level's release in force."""
    return BoundaryRelease.objects.select_related("level").filter(level__name=level, is_current=True).first()


def check_replaceable(release: BoundaryRelease) -> None:
    """Raise ReleaseInForce or ReleaseEmpty where there is nothing to put in force."""
    names = {"release": release.name, "level": release.level.name}
    if release.is_current:
        raise ReleaseInForce(_("“%(release)s” of level %(level)s is in force already.") % names, field="release")
    if not release.districts.exists():
        raise ReleaseEmpty(
            _("“%(release)s” of level %(level)s has no districts: import them first.") % names, field="release"
        )


def replace_boundaries(*, release: BoundaryRelease, wait: bool = True) -> dict[str, int]:
    """Put the release in force in one transaction, and return how many rows of each kind were placed again.

    Levels are ranked, the tree of districts is renewed, and every follower places its rows by the new boundaries.
    Whatever referred to the old release's districts goes on doing so; they stay as they are. Waits for an import that
    is storing its rows; without `wait` raises TerritoryBusy. Raises ReleaseInForce, ReleaseEmpty.
    """
    with transaction.atomic():
        # Addresses that an import places by the boundaries it found would stay so. Also: of two people who do this at
        # once, the second waits for the first.
        if not (wait or may_change_territory()):
            raise TerritoryBusy(
                _("A register is being loaded just now, and boundaries cannot change meanwhile. Try again in a minute.")
            )
        one_import_at_a_time()
        list(BoundaryRelease.objects.filter(level=release.level_id).order_by("pk").select_for_update())
        release.refresh_from_db()
        check_replaceable(release)
        BoundaryRelease.objects.filter(level=release.level_id, is_current=True).update(is_current=False)
        BoundaryRelease.objects.filter(pk=release.pk).update(is_current=True)
        release.is_current = True
        rank_levels()
        written = place_everything(release)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE neighbourhoods_district, neighbourhoods_address")
    return written
