"""What can be wrong with a plan, or with a preference."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class PlanIncomplete(Refusal):
    """Something is missing or makes no sense; `field` says what."""

    code = "plan_incomplete"


class PlanAnswered(Refusal):
    """People have said what they prefer: what they chose between stays as it is."""

    code = "plan_answered"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "People have already answered, so the variants and the places they answered about stay as they are. "
                "Titles and texts can be changed. For another choice make a new plan."
            )
        )


class PlanStateChanged(Refusal):
    """What is published is not published again, and so on."""

    code = "plan_state"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This has changed in the meantime. Load the page again."))


class UnknownPlan(Refusal):
    """No such plan, or none for this person."""

    code = "plan_unknown"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such plan here. It may have been taken off."))


class UnknownVariant(Refusal):
    """The variant is not one of this plan."""

    code = "variant_unknown"

    def __init__(self) -> None:
        super().__init__(_("Choose one of the variants of this plan, or none of them."), field="variant")


class VariantFileRefused(Refusal):
    """A file was read, and nothing in it can be taken."""

    code = "variant_file_refused"
