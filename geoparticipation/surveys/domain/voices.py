"""One response for each person, device or household: kept by the database, so that two at once cannot both be first."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.enums import Origin
from geoparticipation.contributions.rules import OWN_ORIGINS
from geoparticipation.mailings.models import LetterboxCode
from geoparticipation.surveys.enums import OnePer
from geoparticipation.surveys.errors import AlreadyResponded
from geoparticipation.surveys.models import Survey, SurveyVoice
from layers.keyed_hash import keyed_hash


def raise_voice(
    *, survey: Survey, actor: Actor, letterbox: LetterboxCode | None = None, origin: str = Origin.WEB
) -> None:
    """Note that this voice answers, in the transaction that stores the response. One statement, none for "none".

    For a device also the account counts, where somebody is signed in: another browser is no other voice. What staff
    enter for persons or devices that they cannot know is not counted. Raises AlreadyResponded, NotAllowed (nothing to
    tell one device from another).
    """
    hashes = _hashes(survey, actor, letterbox, origin)
    if not hashes:
        return
    try:
        with transaction.atomic():
            SurveyVoice.objects.bulk_create(SurveyVoice(survey=survey, key_hash=key_hash) for key_hash in hashes)
    except IntegrityError:
        raise AlreadyResponded(survey.one_per) from None


def has_responded(*, survey: Survey, actor: Actor, letterbox: LetterboxCode | None = None) -> bool:
    """Whether this voice has answered already. One query, none on a first visit."""
    if survey.one_per == OnePer.DEVICE and actor.user is None and actor.device is None:
        return False
    hashes = _hashes(survey, actor, letterbox, Origin.WEB)
    return bool(hashes) and SurveyVoice.objects.filter(survey=survey, key_hash__in=hashes).exists()


def _hashes(survey: Survey, actor: Actor, letterbox: LetterboxCode | None, origin: str) -> list[str]:
    """Sorted, so that two requests with the same two never wait for each other."""
    who: list[tuple[str, object]] = []
    if survey.one_per == OnePer.HOUSEHOLD:
        who = _of_home(letterbox, actor, own=origin in OWN_ORIGINS) if letterbox is not None else []
    elif origin in OWN_ORIGINS and survey.one_per != OnePer.NONE:
        if actor.user is not None:
            who.append(("person", actor.user.pk))
        if survey.one_per == OnePer.DEVICE and actor.device is not None:
            who.append(("device", actor.device.key_hash))
        if not who:
            raise NotAllowed
    return sorted(keyed_hash("survey voice", str(survey.pk), kind, str(key)) for kind, key in who)


def _of_home(letterbox: LetterboxCode, actor: Actor, *, own: bool) -> list[tuple[str, object]]:
    """Who answers for a home: the letterbox, where it has one voice; else the dwelling that a flyer is for.

    A flyer for several dwellings does not tell one from another: there it is who answers, and how many may is for
    `use_code` to say.
    """
    if letterbox.letterbox.voices == 1:
        return [("household", letterbox.letterbox_id)]
    if letterbox.uses_allowed == 1:
        return [("flyer", letterbox.pk)]
    who: list[tuple[str, object]] = []
    if own and actor.user is not None:
        who.append(("person of the house", f"{letterbox.letterbox_id} {actor.user.pk}"))
    if own and actor.device is not None:
        who.append(("device of the house", f"{letterbox.letterbox_id} {actor.device.key_hash}"))
    return who
