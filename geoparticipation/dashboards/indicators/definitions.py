"""What each figure means, in the words that stand beside it on the page, in the API and in the files' description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from geoparticipation.dashboards.enums import Figure

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PEOPLE: Final = frozenset({Figure.REGISTERED, Figure.ACTIVE})
"""Figures about people: of whole months that are over, and told of five and more only."""
TOWN_ONLY: Final = frozenset({Figure.REGISTERED, Figure.BALLOTS, Figure.RESPONSES})
"""Figures that nobody knows a district of."""
BY_DISTRICT: Final = tuple(figure for figure in Figure if figure not in TOWN_ONLY)

DEFINITIONS: Final[dict[Figure, StrOrPromise]] = {
    Figure.IDEAS: _("Ideas that are online, by the day they were put in."),
    Figure.COMMENTS: _("Comments that are online, by the day they were written; they lie where their idea lies."),
    Figure.SUPPORTS: _("Supports of what is online, by the day they were given. A support that was withdrawn is gone."),
    Figure.REGISTERED: _(
        "Accounts of residents, by the day they were opened, counted once after the end of the month. Accounts have no"
        " district. Where fewer than five people registered in a month, they are told with the next months."
    ),
    Figure.ACTIVE: _(
        "People who put in, commented, supported, answered a survey with their account or browser, registered for a"
        " meeting or offered help in the month; of several months, the average where all of them are told. Each counts"
        " once a month, in the district where they did most. Somebody with two browsers counts twice; ballots and"
        " answers on paper do not count, nobody knows whose they are. Groups of fewer than five people are not told,"
        " and none can be worked out from the others."
    ),
    Figure.TAKEN_UP: _("Ideas that the town hall studies, by the day they were taken up."),
    Figure.ANSWERED: _("Ideas with an official answer, by its day."),
    Figure.REALISED: _("Measures that came of an idea and are done, by the day they were done."),
    Figure.SPENT: _("What the realised measures cost, as far as it was noted."),
    Figure.MEETINGS: _("Public meetings that took place, by their day."),
    Figure.BALLOTS: _("Ballots in the published results of votes on a budget, by the day the vote was closed."),
    Figure.RESPONSES: _(
        "People who answered, in the published results of surveys that are closed, by the last day that counts."
    ),
}
