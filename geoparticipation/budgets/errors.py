"""What a person is told about a vote or a budget that is not taken."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geoparticipation.budgets.money import money
from layers.errors import Refusal


class UnknownBudget(Refusal):
    """The consultation has no budget, or this person may not see it."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This consultation has no budget to vote on."))


class VoteClosed(Refusal):
    """The vote was closed and counted."""

    code = "vote_closed"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("The vote is closed: ballots can no longer be given or changed."))


class OutsideNotWelcome(Refusal):
    """Only people who live in the town may vote, and this one did not say so."""

    code = "must_live_here"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("This vote is for people who live in the town: please say that you do."), field="lives_here")


class BallotRefused(Refusal):
    """Base of what is wrong with a ballot; `extra["projects"]` are the numbers it is about."""

    def __init__(self, detail: str, *, projects: tuple[str, ...] = ()) -> None:
        super().__init__(detail, field="choices", projects=list(projects))


class UnknownProject(BallotRefused):
    """A ballot names a project that is not put to the vote."""

    code = "unknown_project"

    def __init__(self, number: str) -> None:
        super().__init__(_("There is no project %(number)s in this vote.") % {"number": number}, projects=(number,))


class ProjectTwice(BallotRefused):
    """A ballot names a project twice."""

    code = "project_twice"

    def __init__(self, number: str) -> None:
        super().__init__(_("Project %(number)s is on the ballot twice.") % {"number": number}, projects=(number,))


class TooManyProjects(BallotRefused):
    """More projects than a ballot takes."""

    code = "too_many_projects"

    def __init__(self, chosen: int, most: int) -> None:
        super().__init__(
            ngettext(
                "You chose %(chosen)d projects; a ballot has %(most)d at the most. Please take some off.",
                "You chose %(chosen)d projects; a ballot has %(most)d at the most. Please take some off.",
                most,
            )
            % {"chosen": chosen, "most": most}
        )


class TooFewProjects(BallotRefused):
    """Fewer projects than a ballot must have."""

    code = "too_few_projects"

    def __init__(self, least: int) -> None:
        super().__init__(
            ngettext("Please choose at least %(least)d project.", "Please choose at least %(least)d projects.", least)
            % {"least": least}
        )


class OverEnvelope(BallotRefused):
    """The projects of a ballot cost more than their envelope."""

    code = "over_envelope"

    def __init__(self, envelope: str, over: str) -> None:
        super().__init__(
            _("Your projects cost %(over)s more than there is (%(envelope)s). Please take some off.")
            % {"over": over, "envelope": envelope}
        )


class TwoOfOneKind(BallotRefused):
    """Two projects of one category or district, where a ballot has one of each."""

    code = "two_of_one_kind"

    def __init__(self, kind: str, numbers: tuple[str, ...]) -> None:
        super().__init__(
            _("A ballot has one project of “%(kind)s” at the most; you chose these: %(numbers)s.")
            % {"kind": kind, "numbers": ", ".join(numbers)},
            projects=numbers,
        )


class TooManyPoints(BallotRefused):
    """More points than there are to share out."""

    code = "too_many_points"

    def __init__(self, given: int, most: int) -> None:
        super().__init__(
            _("You gave %(given)d points; there are %(most)d to share out.") % {"given": given, "most": most}
        )


class PointsOutOfRange(BallotRefused):
    """A project with more points than one project may have, or with less than one."""

    code = "points_out_of_range"

    def __init__(self, number: str, most: int) -> None:
        detail = (
            _("Project %(number)s may have between 1 and %(most)d points.") % {"number": number, "most": most}
            if most
            else _("Project %(number)s needs at least one point to be on the ballot.") % {"number": number}
        )
        super().__init__(detail, projects=(number,))


class PointsUnreadable(BallotRefused):
    """Points or a rank that are no number."""

    code = "points_unreadable"

    def __init__(self, number: str) -> None:
        super().__init__(_("Write a whole number for project %(number)s.") % {"number": number}, projects=(number,))


class RankTwice(BallotRefused):
    """Two projects in the same place."""

    code = "rank_twice"

    def __init__(self, rank: int, numbers: tuple[str, ...]) -> None:
        super().__init__(
            _("Two projects have place %(rank)d: %(numbers)s. Give each its own.")
            % {"rank": rank, "numbers": ", ".join(numbers)},
            projects=numbers,
        )


class AlreadyVoted(Refusal):
    """Whoever handed in this paper already has a ballot."""

    code = "already_voted"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This person has already voted. Who voted on the site can change the ballot there."), field="voter"
        )


class VotedOnPaper(Refusal):
    """The person's e-mail address stands for a paper ballot that was taken."""

    code = "voted_on_paper"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("You have voted on paper, with this e-mail address. A paper ballot cannot be changed here."))


class VotedSignedIn(Refusal):
    """Nobody is signed in, and with this browser somebody who was has voted."""

    code = "voted_signed_in"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Somebody who was signed in has already voted with this browser. Sign in to vote or to change a ballot.")
        )


class NoVoiceLeft(Refusal):
    """Others voted with this letterbox, as many as it has voices."""

    code = "no_voice_left"
    status = 409

    def __init__(self, voices: int) -> None:
        super().__init__(
            ngettext(
                "Somebody else has already voted with this letterbox. It has %(voices)d ballot.",
                "Others have already voted with this letterbox. It has %(voices)d ballots.",
                voices,
            )
            % {"voices": voices}
        )


class SlugUnusable(Refusal):
    """A consultation is to be made at an address that cannot be one."""

    code = "slug_unusable"

    def __init__(self, slug: str) -> None:
        super().__init__(
            _("“%(slug)s” cannot be an address: up to 80 letters without accents, digits, hyphens and underscores.")
            % {"slug": slug[:80]}
        )


class PaperTaken(Refusal):
    """The paper ballot was read by two agents and is taken."""

    code = "paper_taken"
    status = 409

    def __init__(self, number: str) -> None:
        super().__init__(_("The paper ballot %(number)s is already taken.") % {"number": number}, field="paper_number")


class PaperIncomplete(Refusal):
    """The number of the paper, or what the voter is known by, is missing."""

    code = "paper_incomplete"

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail, field=field)


class PaperWaiting(Refusal):
    """Paper ballots that only one agent read, or that two read differently."""

    code = "paper_waiting"
    status = 409

    def __init__(self, numbers: list[str]) -> None:
        super().__init__(
            _("These paper ballots wait for two agents to agree: %(numbers)s.") % {"numbers": ", ".join(numbers)},
            numbers=numbers,
        )


class VoteNotStarted(Refusal):
    """Paper ballots come in, or the vote is to be closed, before it has begun."""

    code = "vote_not_started"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The vote has not begun yet."))


class VoteStillOpen(Refusal):
    """The vote is to be closed while people still vote."""

    code = "vote_still_open"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("People can still vote. End the phase of the vote first, or wait until it is over."))


class VoteBegan(Refusal):
    """There are ballots: what people vote on, and how, stays as it is."""

    code = "vote_began"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("There are ballots already: what people vote on, and how, can no longer be changed."))


class LevelVotedAt(Refusal):
    """There are ballots: who counts as one voter stays as it is until the vote is closed."""

    code = "level_voted_at"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("People have already voted on the budget: how well voters are known stays the same until it is closed."),
            field="identity_level",
        )


class ReasonMissing(Refusal):
    """A project is taken off the ballot without a word about why."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Say why it is taken off the ballot: everybody reads it."), field="reason")


class NotOnBallot(Refusal):
    """A project is to be taken off a ballot that it is not on."""

    code = "not_on_ballot"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This project is not on the ballot."))


class ProjectsOutOfPlace(Refusal):
    """The vote is to be closed while ideas of projects are hidden or withdrawn, and no agent said what that means."""

    code = "projects_out_of_place"
    status = 409

    def __init__(self, numbers: list[str]) -> None:
        super().__init__(
            _(
                "These projects are no longer online: %(numbers)s. Take them off the ballot and say why, or let a"
                " moderator put them online again."
            )
            % {"numbers": ", ".join(numbers)},
            numbers=numbers,
        )


class NothingToCount(Refusal):
    """The budget has no project on the ballot."""

    code = "nothing_to_count"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("No project was put to the vote."))


class BudgetIncomplete(Refusal):
    """Something is missing or wrong in a budget or a project; `field` says where."""

    code = "budget_incomplete"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class EnvelopeInUse(Refusal):
    """An envelope that pays for projects cannot be removed."""

    code = "envelope_in_use"
    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            _("The envelope “%(name)s” pays for projects: move them to another one first.") % {"name": name},
            field="amount",
        )


class TooExpensive(Refusal):
    """A project costs more than its envelope holds."""

    code = "too_expensive"

    def __init__(self, amount: str) -> None:
        super().__init__(
            _("This costs more than its envelope holds (%(amount)s): nobody could vote for it.") % {"amount": amount},
            field="cost",
        )


class CannotBeProject(Refusal):
    """Only ideas of the same consultation that are online become projects."""

    code = "cannot_be_project"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Only an idea of this consultation that is online can become a project."))


class PabulibUnreadable(Refusal):
    """A file that is not in the Pabulib format, or lacks what it must say."""

    code = "pabulib_unreadable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class BudgetNotOfFile(Refusal):
    """The consultation already has a budget that does not come from a file."""

    code = "budget_not_of_file"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This consultation has a budget already, which does not come from a file."))


class PlaceOfProjectsUnknown(Refusal):
    """The territory is empty, so that no project of a file has a place."""

    code = "places_unknown"

    def __init__(self) -> None:
        super().__init__(_("The town has no districts yet: give a file of them with --districts."))


def over_envelope(name: str, over: object, currency: str) -> OverEnvelope:
    """The refusal with the amount as one writes it."""
    return OverEnvelope(name, money(over, currency))
