"""Answers against a definition: what is shown, what is wrong, and what is kept. Nothing here touches the database.

`static/js/survey-rules.js` does the same in the page; one test runs both on the same answers.
"""

from geoparticipation.surveys.answers.checking import AnswerFault, Checked, check_answers
from geoparticipation.surveys.answers.showing import holds

__all__ = ["AnswerFault", "Checked", "check_answers", "holds"]
