"""What a person is told about a survey that is not taken, or not theirs to see."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from geoparticipation.surveys.answers import AnswerFault
from geoparticipation.surveys.answers.sentences import sentence_of
from layers.errors import Refusal


class UnknownSurvey(Refusal):
    """There is no such survey for this person."""

    code = "unknown_survey"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no survey here. It may have been taken away."))


class UnknownResponse(Refusal):
    """There is no response of this code."""

    code = "unknown_response"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no response here. It may have been removed."))


class SurveyClosed(Refusal):
    """The survey itself is not open, whatever the phase."""

    code = "survey_closed"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("This survey does not take answers at the moment."))


class AlreadyResponded(Refusal):
    """This person, device or household has answered; `extra["one_per"]` says which of these counts."""

    code = "already_responded"
    status = 409

    def __init__(self, one_per: str) -> None:
        sentence = {
            "person": _("You have answered this survey already, thank you. Each person has one response."),
            "device": _("This survey was answered from this device already, thank you. Each device has one response."),
            "household": _("This survey was answered with your flyer's code already, thank you. Each home has one."),
        }[one_per]
        super().__init__(sentence, one_per=one_per)


class AnswersRefused(Refusal):
    """Some answers are missing or do not fit; `faults` says which, `extra["faults"]` the same for programs."""

    code = "answers_refused"
    status = 422

    def __init__(self, faults: Sequence[AnswerFault]) -> None:
        told = [{"path": f.path, "code": f.code, "limit": f.limit, "sentence": sentence_of(f)} for f in faults]
        super().__init__(
            _("Some answers are missing or do not fit. Look at each of them and change it."),
            field="answers",
            faults=told,
        )
        self.faults = tuple(faults)


class PlaceOfAnswerRefused(Refusal):
    """The place given to a question cannot be taken; `path` leads to it, and the code is that of the reason."""

    code = "place_of_answer_refused"
    status = 422

    def __init__(self, path: str, reason: Refusal) -> None:
        super().__init__(str(reason.detail), field="answers", path=path, reason=reason.code)
        self.path = path
        self.reason = reason


class SurveyHasResponses(Refusal):
    """The questions of a survey that has responses stay as they are: their answers would change their meaning."""

    code = "survey_has_responses"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "People have answered this survey, so its questions and choices stay as they are. Only words can still"
                " change. To ask something else, copy the survey."
            )
        )


class SlugTaken(Refusal):
    """Another survey has this address."""

    code = "slug_taken"
    status = 409

    def __init__(self, slug: str) -> None:
        super().__init__(_("Another survey is at “%(slug)s”. Take another address.") % {"slug": slug}, field="slug")


class DraftGone(Refusal):
    """The private link leads nowhere any more."""

    code = "survey_draft_gone"
    status = 404

    def __init__(self) -> None:
        super().__init__(
            _("What was saved under this link is no longer here: it was sent, or it is too long ago. Start again.")
        )


class ResultsTooLarge(Refusal):
    """There are more responses than a file is made of while one waits."""

    code = "results_too_large"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(
            _(
                "More than %(limit)d responses are too many for this format here. Narrow them by the filters, take the"
                " CSV, or have it written by “manage.py export_survey”."
            )
            % {"limit": limit},
            limit=limit,
        )
