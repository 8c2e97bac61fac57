"""Why a change of a survey is not made."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class NothingThere(Refusal):
    """The section or question is not in the survey, any more or at all."""

    code = "survey_part_unknown"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This question or section is no longer here. Somebody may have removed it meanwhile."))


class TheOnlyQuestion(Refusal):
    """What would be left asks nothing."""

    code = "survey_only_question"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("A survey needs at least one question. Add another one first."))


class ChangedMeanwhile(Refusal):
    """Somebody else changed the same question while it was being written."""

    code = "survey_changed_meanwhile"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else changed this meanwhile. Your words are still below: compare them with the survey, then"
                " save again to put yours in place of theirs."
            )
        )
