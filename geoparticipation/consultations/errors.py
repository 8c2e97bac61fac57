"""What a person is told about a consultation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from layers.errors import Refusal


class ConsultationIncomplete(Refusal):
    """Something is missing or wrong in a consultation's description; `field` says where."""

    code = "consultation_incomplete"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class UnsafeLink(Refusal):
    """A link that is not a web address."""

    code = "unsafe_link"

    def __init__(self, field: str) -> None:
        super().__init__(_("A link must begin with https:// or http://."), field=field)


class UnknownProcess(Refusal):
    """There is no process template of this name."""

    code = "unknown_process"

    def __init__(self, key: str) -> None:
        super().__init__(_("There is no process called “%(key)s”.") % {"key": key}, field="template")


class PhaseEndsBeforeStart(Refusal):
    """A phase ends before it starts."""

    code = "phase_ends_before_start"

    def __init__(self, position: int, name: str) -> None:
        super().__init__(
            _("The phase “%(name)s” must end after it starts.") % {"name": name}, field="ends_at", position=position
        )


class PhasesOverlap(Refusal):
    """Two phases of one kind overlap."""

    code = "phases_overlap"
    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            _("Two phases of the kind “%(name)s” overlap. Let one end before the other starts.") % {"name": name},
            field="starts_at",
        )


class PhaseInUse(Refusal):
    """A phase in which people already took part cannot be removed."""

    code = "phase_in_use"
    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            _("People already took part in the phase “%(name)s”, so it cannot be removed. You may end it earlier.")
            % {"name": name}
        )


class NoPhases(Refusal):
    """A consultation cannot go online without phases."""

    code = "no_phases"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Add at least one phase before the consultation goes online."))


class UnknownConsultation(Refusal):
    """There is no such consultation, or this person may not see it."""

    code = "not_found"
    status = 404

    def __init__(self, **extra: Any) -> None:
        super().__init__(_("This consultation does not exist, or is not public yet."), **extra)
