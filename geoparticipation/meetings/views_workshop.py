"""The online workshop for who takes part: the notes beside the map, putting some there, giving dots, what changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.gis.geos import GEOSGeometry
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.consultations.reading import target_geojson
from geoparticipation.contributions.locating import locate
from geoparticipation.contributions.views_contribute import draw_words
from geoparticipation.meetings.domain.workshop.notes import change_note, place_note, take_back_note
from geoparticipation.meetings.domain.workshop.taking_part import may_take_part
from geoparticipation.meetings.domain.workshop.votes import give_dot, take_dot
from geoparticipation.meetings.enums import VoteState, WorkshopState
from geoparticipation.meetings.errors import NoteIncomplete
from geoparticipation.meetings.forms_workshop import NoteForm
from geoparticipation.meetings.models import Note, Workshop
from geoparticipation.meetings.queries_workshop import (
    changes_after,
    dots_given,
    last_change_of,
    own_codes,
    read_state,
    shown_notes,
    workshop_for,
)
from layers.errors import Refusal

MOST_BYTES = 100_000


@takes_at_most(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def workshop(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """The map and its notes; three queries for a visitor.

    A POST carries out `act`: place, change, take-back, dot or undot. The page's script asks for JSON and gets
    `{"next": code}` for the next note, or the refusal.
    """
    found = workshop_for(request.user, code)
    if request.method != "POST":
        return render(request, "meetings/workshop.html", _context(request, found, _form_of(request, found)))
    form = NoteForm(request.POST)
    by_script = not request.accepts("text/html")
    try:
        told = _carry_out(request.POST.get("act", ""), actor_for(request), found, form)
    except Refusal as refusal:
        if by_script:
            said = {"code": refusal.code, "detail": refusal.detail, "field": refusal.field}
            choices = [vars(one) | {} for one in getattr(refusal, "choices", [])]
            return JsonResponse({**said, "choices": [one["label"] for one in choices]}, status=refusal.status)
        context = _context(request, found, form, refusal)
        return render(request, "meetings/workshop.html", context, status=refusal.status)
    if by_script:
        return JsonResponse({"next": str(uuid.uuid4())})
    messages.success(request, told)
    return redirect("workshop", code=code)


@require_safe
def changes(request: HttpRequest, code: uuid.UUID) -> JsonResponse:
    """What changed after the number `after`, for pages without a stream; two queries, one when nothing did."""
    known = last_change_of(code)
    if known is None:
        raise Http404
    pk, seq = known
    asked = request.GET.get("after", "")
    after = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 18 else 0
    rows = changes_after(pk, after) if after < seq else []
    answer = JsonResponse({"seq": seq, "changes": rows})
    answer["Cache-Control"] = "no-store"
    return answer


def _carry_out(act: str, actor: Actor, found: Workshop, form: NoteForm) -> str:
    """Do what was asked; returns what to tell."""
    if not form.is_valid():
        raise NoteIncomplete(_("Something in the form is too long. Shorten it."), field="text")
    said = form.cleaned_data
    code = said["code"] or uuid.UUID(int=0)
    simple: dict[str, tuple[Callable[..., Any], str]] = {
        "take-back": (take_back_note, _("Your note is off the map.")),
        "dot": (give_dot, _("Your dot is noted.")),
        "undot": (take_dot, _("Your dot is taken back.")),
    }
    if act in simple:
        do, told = simple[act]
        do(actor=actor, workshop=found, code=code)
        return told
    place = _point_or_drawn(said)
    if act == "change":
        words = {name: said[name] for name in ("text", "name") if name in form.data}
        change_note(actor=actor, workshop=found, code=code, geometry=place, **words)
        return _("Your note is changed.")
    if place is None:
        raise NoteIncomplete(_("Say where: type an address or a street, or point at the map."), field="place_text")
    place_note(actor=actor, workshop=found, code=said["code"], text=said["text"], name=said["name"], geometry=place)
    return _("Your note is on the map.")


def _point_or_drawn(said: dict[str, Any]) -> GEOSGeometry | None:
    """What was drawn; of a street or district called by its name a point on it, since a note is a small thing."""
    located = locate(said)
    if located is None:
        return None
    if located.geometry is not None:
        return located.geometry
    shape = located.street.geometry if located.street else located.district.geometry if located.district else None
    if shape is None:
        raise NoteIncomplete(_("Give an address: this street has no course on the map."), field="place_text")
    return shape.point_on_surface


def _form_of(request: HttpRequest, found: Workshop) -> NoteForm:
    """An empty form with a code of its own, or (`?edit=code`) one's own note to be changed without a script."""
    asked = request.GET.get("edit", "")
    note = found.notes.filter(code=asked).first() if _is_code(asked) else None
    if note is not None and own_codes(actor_for(request), [note]):
        return NoteForm(initial={"code": note.code, "text": note.text, "name": note.name})
    return NoteForm(initial={"code": uuid.uuid4()})


def _is_code(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _context(request: HttpRequest, found: Workshop, form: NoteForm, refusal: Refusal | None = None) -> dict[str, Any]:
    actor = actor_for(request)
    found.refresh_from_db(fields=["seq", "state", "vote", "is_locked"]) if refusal else None
    notes, groups = shown_notes(found), list(found.groups.all())
    takes_part = may_take_part(actor, found)
    own, dots = own_codes(actor, notes), dots_given(actor, found) if found.vote == VoteState.OPEN else []
    state = read_state(found, notes, groups)
    is_open = found.state == WorkshopState.OPEN
    address = reverse("workshop", args=[found.meeting.code])
    edited = str(form["code"].value() or "")
    return {
        "workshop": found,
        "meeting": found.meeting,
        "form": form,
        "edited": edited if edited in own else "",
        "refusal": refusal,
        "refused_field": refusal.field if refusal else None,
        "choices": getattr(refusal, "choices", None),
        "takes_part": takes_part,
        "writes": is_open and takes_part and not found.is_locked,
        "votes": is_open and takes_part and found.vote == VoteState.OPEN,
        "dots_left": found.dots_each - len(dots),
        "moment": moment_of(found),
        "moments": moments(),
        "sections": sections(notes, groups, state["workshop"]["dots"], own, dots),
        "target": target_of(found),
        "draw_words": draw_words(),
        "live": {
            **live_settings(found, state),
            "act": address,
            "own": own,
            "dots": dots,
            "takes_part": takes_part,
            "words": words(),
        },
    }


def live_settings(found: Workshop, state: dict[str, Any]) -> dict[str, Any]:
    """How a page follows the workshop from the state that it shows."""
    code = found.meeting.code
    return {
        "state": state,
        "changes": reverse("workshop-changes", args=[code]),
        "stream": f"{settings.LIVE_URL}/live/workshops/{code}/" if settings.LIVE_URL else "",
        "moments": moments(),
    }


def target_of(found: Workshop) -> dict[str, Any] | None:
    """The consultation's area for the map, where the facilitator wants it shown."""
    consultation = found.meeting.consultation
    return target_geojson(consultation) if found.shows_target and consultation is not None else None


def sections(
    notes: list[Note], groups: list[Any], dots: dict[str, int], own: list[str], given: list[str]
) -> list[dict[str, Any]]:
    """The notes by group, those in none first, as the page's script orders them, too."""
    for note in notes:
        code = str(note.code)
        note.is_own, note.has_own_dot = code in own, code in given  # type: ignore[attr-defined]
        note.dot_count = dots.get(code, 0)  # type: ignore[attr-defined]
    return [
        {"group": group, "notes": [note for note in notes if note.group_id == (group.pk if group else None)]}
        for group in (None, *groups)
    ]


def moment_of(found: Workshop) -> str:
    """What is going on, in one word that `moments` spells out; the page's script says the same."""
    if found.state != WorkshopState.OPEN:
        return str(found.state)
    if found.vote == VoteState.OPEN:
        return "vote"
    return "locked" if found.is_locked else "open"


def moments() -> dict[str, str]:
    """A sentence for each moment."""
    return {
        "prepared": _("The workshop has not begun yet. This page changes by itself when it does."),
        "open": _("The map is open: put your notes on it."),
        "locked": _("The map is locked: notes stay as they are for now."),
        "vote": _("A vote is open: give your dots to the notes that matter most to you."),
        "closed": _("The workshop is over. Thank you to everybody who took part."),
    }


def words() -> dict[str, str]:
    """What the page's script says."""
    return {
        "news_one": _("1 change"),
        "news_many": _("{count} changes"),
        "by": _("by {name}"),
        "dots_one": _("1 dot"),
        "dots_many": _("{count} dots"),
        "left": _("Dots left: {count}"),
        "marker": _("Note: {text}"),
        "drag": _("Your note: {text}. Drag it to move it."),
        "sent": _("Your note is on the map."),
        "changed": _("Your note is changed."),
        "offline": _("No connection at the moment. What you typed is still here; try again."),
        "choices": _("Do you mean: {choices}?"),
        "live": _("Live"),
        "polled": _("Renewed each second"),
        "lost": _("No connection. Trying again…"),
    }
