"""Why a project is in or out, in words that everybody understands."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geoparticipation.budgets.enums import Method, Rule
from geoparticipation.budgets.models import Budget
from geoparticipation.budgets.money import money


def explain(finding: dict[str, Any], budget: Budget) -> list[str]:
    """Sentences about one finding of a counted budget: what it got, why it is in or out, what it would have needed."""
    sentences = [_what_it_got(finding, budget)]
    if budget.counted["rule"] == Rule.EQUAL_SHARES and (shares := _of_shares(finding, budget)):
        sentences.append(shares)
        if finding["shared"]:
            return sentences
    return [*sentences, *_of_turn(finding, budget)]


def _what_it_got(finding: dict[str, Any], budget: Budget) -> str:
    points, voters = finding["points"], finding["voters"]
    if budget.method in {Method.POINTS, Method.RANKING}:
        return _("%(points)d points on %(voters)d ballots.") % {"points": points, "voters": voters}
    return ngettext("%(voters)d vote.", "%(voters)d votes.", voters) % {"voters": voters}


def _of_shares(finding: dict[str, Any], budget: Budget) -> str:
    if finding["shared"]:
        return _("Its voters paid for it with their shares, each %(price)s at the most.") % {
            "price": money(finding["price"], budget.currency)
        }
    if not finding["voters"]:
        return ""
    return _("Its voters had %(left)s of their shares left together; it costs %(cost)s.") % {
        "left": money(finding["voters_left"], budget.currency),
        "cost": money(finding["cost"], budget.currency),
    }


def _of_turn(finding: dict[str, Any], budget: Budget) -> list[str]:
    """By the greedy rules, and for what equal shares left over."""
    values = {
        "turn": finding["turn"],
        "left": money(finding["left"], budget.currency),
        "cost": money(finding["cost"], budget.currency),
    }
    after_shares = budget.counted["rule"] == Rule.EQUAL_SHARES
    if finding["won"]:
        if after_shares:
            return [
                _("It was paid from what the shares left over: %(left)s were still there, it costs %(cost)s.") % values
            ]
        return [_("It was number %(turn)d in the order: %(left)s were still there, it costs %(cost)s.") % values]
    if after_shares:
        return [_("Of what the shares left over, only %(left)s were still there at its turn.") % values]
    sentences = [_("It was number %(turn)d in the order: only %(left)s were still there, it costs %(cost)s.") % values]
    more = finding["more_points"]
    if more is None:
        sentences.append(_("It costs more than its whole envelope: no number of votes would have been enough."))
    elif budget.method in {Method.POINTS, Method.RANKING}:
        sentences.append(
            ngettext(
                "With %(more)d more point it would have been in.",
                "With %(more)d more points it would have been in.",
                more,
            )
            % {"more": more}
        )
    else:
        sentences.append(
            ngettext(
                "With %(more)d more vote it would have been in.",
                "With %(more)d more votes it would have been in.",
                more,
            )
            % {"more": more}
        )
    return sentences
