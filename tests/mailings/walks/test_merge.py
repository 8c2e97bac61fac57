"""What holds does not depend on the order, the number of times, or the place in which acts arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.mailings.domain.walks.merge import Act, Subject, fold, notes, stops_done

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ON_A_STOP = ("done", "undone")
ON_A_LETTERBOX = ("no_access", "no_flyers", "wrong_address", "cleared")


class Phone:
    """A phone as the page's script has it: what it knows, and its own clock, which may be wrong."""

    def __init__(self, number: int, clock: int) -> None:
        self.number, self.clock, self.known = number, clock, dict[UUID, Act]()
        self.made = 0

    def do(self, act: str, subject: Subject) -> Act:
        """Replace what this phone sees of the subject."""
        self.made += 1
        seen = fold(self.known.values()).get(subject, ())
        made = Act(
            id=UUID(int=self.made * 7919 % 1009 * 10 + self.number),
            act=act,
            subject=subject,
            replaces=frozenset(one.id for one in seen),
            made_at=NOON + timedelta(minutes=self.clock * self.made),
        )
        self.known[made.id] = made
        return made

    def meet(self, other: dict[UUID, Act]) -> None:
        """Take over what the server knows, and give it what it does not."""
        other.update(self.known)
        self.known.update(other)


steps = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["stop", "letterbox", "meet"]), st.integers(1, 2), st.integers(0, 3)),
    max_size=25,
)


def walk(told: list[tuple[int, str, int, int]]) -> tuple[list[Phone], dict[UUID, Act], list[Act]]:
    phones, server, acts = [Phone(0, 3), Phone(1, -5)], dict[UUID, Act](), list[Act]()
    for number, what, key, which in told:
        phone = phones[number]
        if what == "meet":
            phone.meet(server)
        else:
            choice = ON_A_STOP[which % 2] if what == "stop" else ON_A_LETTERBOX[which]
            acts.append(phone.do(choice, (what, key)))
    return phones, server, acts


@settings(max_examples=50, deadline=None, derandomize=True)
@given(steps, st.randoms(use_true_random=False))
def test_two_phones_and_the_server_come_to_the_same_in_any_order(told: list, random: object) -> None:
    phones, server, acts = walk(told)
    for phone in (*phones, *phones):
        phone.meet(server)

    assert set(server) == {act.id for act in acts}  # nothing lost, nothing doubled
    expected = fold(acts)
    for copy in (phones[0].known, phones[1].known, server):
        assert fold(copy.values()) == expected
    shuffled = acts * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == expected
    assert fold([*fold_in_two(acts), *acts]) == expected


def fold_in_two(acts: list[Act]) -> list[Act]:
    """Half of the acts, as a first delivery."""
    return acts[::2]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(steps)
def test_what_nobody_saw_is_never_replaced(told: list) -> None:
    _phones, _server, acts = walk(told)
    standing = {act.id for those in fold(acts).values() for act in those}
    seen = {other for act in acts for other in act.replaces}

    assert standing == {act.id for act in acts} - seen


def test_who_ticked_prevails_over_who_unknowing_took_it_back() -> None:
    one, other, server = Phone(0, 1), Phone(1, 1), dict[UUID, Act]()
    one.do("done", ("stop", 1))
    one.meet(server)
    other.meet(server)
    one.do("undone", ("stop", 1))
    other.do("undone", ("stop", 1))
    other.do("done", ("stop", 1))
    for phone in (one, other, one):
        phone.meet(server)

    assert set(stops_done(fold(server.values()))) == {1}


def test_two_notes_made_unknowing_are_both_kept_until_one_sees_both() -> None:
    one, other, server = Phone(0, 1), Phone(1, -9), dict[UUID, Act]()
    one.do("no_access", ("letterbox", 4))
    other.do("wrong_address", ("letterbox", 4))
    for phone in (one, other, one):
        phone.meet(server)
    assert {act.act for act in notes(fold(server.values()))[4]} == {"no_access", "wrong_address"}

    one.do("cleared", ("letterbox", 4))
    one.meet(server)
    assert notes(fold(server.values())) == {}
