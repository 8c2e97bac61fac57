"""Keeping targets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from neighbourhoods.domain.targets import errors
from neighbourhoods.domain.targets.access import get_target
from neighbourhoods.domain.targets.parts import PartSpec
from neighbourhoods.domain.targets.resolve_target import resolve_target
from neighbourhoods.models import Target, TargetPart


@transaction.atomic
def save_target(*, name: object, parts: Iterable[PartSpec], user: Any, target: Target | None = None) -> Target:
    """Keep a target with its parts and what they resolve to now; with `target`, in the place of that one's.

    All or nothing. A constant number of queries: four to make one, six to change one. A target's maker stays who it
    was; `user` is a person or null for nobody. Raises TargetRefused.
    """
    name = " ".join(name.replace("\x00", "").split()) if isinstance(name, str) else ""
    if not 0 < len(name) <= 200:
        raise errors.TargetNameMissing(_("Give the target a name, of 200 characters at the most."), field="name")
    parts = tuple(parts)
    if target is None:
        target = Target(created_by=user)
    else:
        target = get_target(target.pk, for_update=True)
        target.parts.all().delete()
    resolved = resolve_target(parts)
    target.name = name
    target.geometry = resolved.geometry
    target.area_m2 = resolved.area_m2
    target.letterboxes = resolved.addresses
    target.dwellings = resolved.dwellings
    target.resolved_at = timezone.now()
    target.save()
    TargetPart.objects.bulk_create(part.as_row(target=target, position=at) for at, part in enumerate(parts))
    return target


def delete_target(*, target: Target) -> None:
    """Remove a target that nothing refers to; raises TargetInUse otherwise. Records of its downloads stay."""
    try:
        target.delete()
    except models.ProtectedError as error:
        users = sorted({str(thing) for thing in error.protected_objects})
        raise errors.TargetInUse(
            _("This target stays, because it is used by: %(users)s.") % {"users": ", ".join(users)[:300]},
            users=users,
        ) from None
