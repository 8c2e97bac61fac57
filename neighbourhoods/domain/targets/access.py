"""Reaching one target."""

from __future__ import annotations

from django.utils.translation import gettext as _

from neighbourhoods.domain.targets import errors
from neighbourhoods.models import Target


def get_target(pk: int, *, for_update: bool = False) -> Target:
    """Give the target with this id, `for_update` with its row locked; raises TargetUnknown.

    The caller has made sure that it is an agent who asks.
    """
    targets = Target.objects.select_for_update() if for_update else Target.objects.all()
    target = targets.filter(pk=pk).first() if pk < 2**63 else None
    if target is None:
        raise errors.TargetUnknown(_("There is no such target; perhaps it was deleted."))
    return target
