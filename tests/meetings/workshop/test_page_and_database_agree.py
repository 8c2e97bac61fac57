"""Whatever is done, by whomever, in whatever order: a page that follows the log ends with what the database says.

The page's own fold is asked, in node. It sees some batches twice and misses others, and asks the log for what it
misses, as `workshop-live.js` does.
"""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Max
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoparticipation.accounts.models import User
from geoparticipation.meetings.domain.workshop import facilitating, notes, votes
from geoparticipation.meetings.models import Change
from geoparticipation.meetings.queries_workshop import changes_after
from geoparticipation.meetings.views_workshop import moment_of
from layers.errors import Refusal
from tests.fixtures.question import actor_of, device_actor
from tests.meetings.workshop.conftest import Fold, MakeWorkshop, PutNote, state_of

PLACES = [Point(4.404, 50.8451, srid=4326), Point(4.4055, 50.8452, srid=4326)]
ACTS = ["place", "change", "move", "back", "dot", "open", "close", "lock", "vote", "group", "ungroup", "sort", "hide"]
acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 9), st.booleans()), max_size=30)
seen = st.lists(st.sampled_from(["whole", "twice", "missed", "late"]), min_size=30, max_size=30)


@given(done=acts, seen=seen)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_acts_seen_in_any_way_end_with_what_the_database_says(
    make_workshop: MakeWorkshop,
    put_note: PutNote,
    fold_in_page: Fold,
    agent: User,
    citizen: User,
    done: list[tuple[str, int, int, bool]],
    seen: list[str],
) -> None:
    workshop = make_workshop()
    people = [actor_of(citizen), actor_of(agent), device_actor("a"), device_actor("b")]
    state = state_of(workshop)
    begun = state["seq"]
    held: list[dict[str, Any]] = []
    for (act, who, which, turn), how in zip(done, seen, strict=False):
        before = workshop.changes.aggregate(last=Max("seq"))["last"]
        try:
            carry_out(act, workshop, put_note, agent, people[who], which, turn)
        except Refusal:
            continue
        batch = changes_after(workshop.pk, before)
        batches = {"whole": [batch], "twice": [batch, batch], "missed": [], "late": [batch[::-1], held]}[how]
        held = batch
        told = fold_in_page(state, batches)
        state = told["state"]
        if not all(told["whole"]):  # a number is missing: it asks the log
            state = fold_in_page(state, [changes_after(workshop.pk, state["seq"])])["state"]

    told = fold_in_page(state, [changes_after(workshop.pk, state["seq"])])

    assert told["state"] == state_of(workshop)
    assert told["moment"] == moment_of(workshop)
    assert begun == 2
    last = Change.objects.filter(workshop=workshop).order_by("seq").values_list("seq", flat=True)
    assert list(last) == list(range(1, workshop.seq + 1))


def carry_out(act: str, workshop: Any, put_note: PutNote, agent: User, actor: Any, which: int, turn: bool) -> None:
    """One act of one person, on one of the notes and groups there are."""
    placed = list(workshop.notes.order_by("pk"))
    groups = list(workshop.groups.all())
    note = placed[which % len(placed)] if placed else None
    group = groups[which % len(groups)] if groups else None
    own = {"actor": actor, "workshop": workshop}
    led = {"agent": agent, "workshop": workshop}
    if act == "place":
        put_note(workshop, f"Note {which}", actor=actor, geometry=PLACES[turn])
    elif act == "open":
        facilitating.open_workshop(**led)
    elif act == "close":
        facilitating.close_workshop(**led)
    elif act == "lock":
        facilitating.lock_map(**led, locked=turn)
    elif act == "vote":
        (facilitating.open_vote if turn else facilitating.close_vote)(**led)
    elif act == "group":
        code = group.code if group and turn else None
        facilitating.save_group(**led, name=f"Group {which}", colour="blue", code=code)
    elif act == "ungroup" and group:
        facilitating.remove_group(**led, code=group.code)
    elif note and act == "change":
        notes.change_note(**own, code=note.code, text=f"Other {which}")
    elif note and act == "move":
        notes.change_note(**own, code=note.code, geometry=PLACES[turn])
    elif note and act == "back":
        notes.take_back_note(**own, code=note.code)
    elif note and act == "dot":
        (votes.give_dot if turn else votes.take_dot)(**own, code=note.code)
    elif note and act == "sort":
        codes = [one.code for one in placed[: 1 + which]]
        facilitating.group_notes(**led, codes=codes, group=group.code if group and turn else None)
    elif note and act == "hide":
        facilitating.hide_notes(**led, codes=[note.code], hidden=turn)
