"""Reaching one target."""

from __future__ import annotations

from django.utils.translation import gettext as _

from neighbourhoods.domain.targets import errors
from neighbourhoods.models import Target


def get_target(pk: int) -> Target:
    """Give the target with this id; raises TargetUnknown. The caller has made sure that it is an agent who asks."""
    target = Target.objects.filter(pk=pk).first() if pk < 2**63 else None
    if target is None:
        raise errors.TargetUnknown(_("There is no such target; perhaps it was deleted."))
    return target
