"""Keeping a device once it takes part."""

from __future__ import annotations

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device


def keep_device(*, actor: Actor) -> Device | None:
    """Store the actor's device when it is new and lock its row until the end of the transaction.

    The lock makes "has this device spoken already?" safe against two requests at once. It is always taken before that
    of a contribution, so that two acts of one device never wait for each other. Returns None for an actor without a
    device. At most two queries; call it inside a transaction.
    """
    if actor.device is None:
        return None
    Device.objects.bulk_create([Device(key_hash=actor.device.key_hash)], ignore_conflicts=True)
    kept = Device.objects.select_for_update(no_key=True).get(key_hash=actor.device.key_hash)
    actor.device.pk = kept.pk
    actor.device.created_at = kept.created_at
    actor.device._state.adding = False
    return actor.device
