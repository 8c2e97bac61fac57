"""A round on the phone of who walks it: opened by a secret link, kept for when there is no connection."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from geoparticipation.body_limits import takes_at_most
from geoparticipation.mailings.domain.rounds.round_contents import read_rounds
from geoparticipation.mailings.domain.rounds.route_files import side_label
from geoparticipation.mailings.domain.walks.drawing import draw_walk
from geoparticipation.mailings.domain.walks.links import get_round_by_token
from geoparticipation.mailings.domain.walks.merge import fold, notes, stops_done
from geoparticipation.mailings.domain.walks.record_acts import acts_of, record_act, record_acts
from geoparticipation.mailings.enums import RoundAct
from geoparticipation.theme import stylesheet_version
from layers.errors import Refusal

MOST_BYTES = 300_000
STYLES = ("css/tokens.css", "css/base.css", "css/button.css", "css/form.css", "css/message.css", "css/walk.css")
SCRIPT = "js/walk.js"
WORKER = "js/walk-worker.js"
FONTS = ("400", "700")
NOTED = (RoundAct.NO_ACCESS, RoundAct.NO_FLYERS, RoundAct.WRONG_ADDRESS)


def _private(response: HttpResponse) -> HttpResponse:
    """Nobody on the way keeps it, no search engine lists it, no other site learns the address."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _theme() -> str:
    return f"{reverse('theme')}?v={stylesheet_version(settings.TOWN_COLOUR)}"


def _dress() -> dict[str, Any]:
    return {"styles": STYLES, "theme_address": _theme()}


def _assets() -> list[str]:
    """Whatever the page needs, at addresses that change with their contents."""
    fonts = [f"vendor/fonts/atkinson-hyperlegible-latin-{weight}-normal.woff2" for weight in FONTS]
    return [_theme(), *(static(path) for path in (*STYLES, SCRIPT, *fonts))]


@require_GET
def walk(request: HttpRequest, token: str) -> HttpResponse:
    """The round: its stops in walking order, its path, what was noted so far. Eight queries."""
    try:
        link = get_round_by_token(token)
    except Refusal as refusal:
        return _private(
            render(request, "mailings/walk/over.html", {**_dress(), "refusal": refusal}, status=refusal.status)
        )
    round_ = link.round
    (contents,) = read_rounds(round_.mailing, number=round_.number)
    acts = acts_of(round_)
    standing = fold(acts)
    done, noted = stops_done(standing), notes(standing)
    drawing = draw_walk(contents)
    words = {choice.value: str(choice.label) for choice in NOTED}
    stops = [
        {
            "pk": stop.stop.pk,
            "order": stop.stop.order,
            "street": stop.street,
            "side": side_label(stop),
            "flyers": stop.stop.flyer_count,
            "is_done": stop.stop.pk in done,
            "drawing": drawn,
            "doors": [
                {"pk": key, "name": door, "notes": [(one, words[one.act]) for one in noted.get(key, ())]}
                for key, door in zip(stop.letterboxes, stop.doors, strict=True)
            ],
        }
        for stop, drawn in zip(contents.stops, drawing.stops, strict=True)
    ]
    chosen = _chosen_door(request, stops)
    context: dict[str, Any] = {
        "round": round_,
        "mailing": round_.mailing,
        "link": link,
        "token": token,
        "stops": stops,
        "next": next((stop for stop in stops if not stop["is_done"]), None),
        "done_count": sum(stop["is_done"] for stop in stops),
        "skipped": contents.skipped,
        "drawing": drawing,
        "chosen": chosen,
        "acts_of_letterboxes": [(choice.value, choice.label) for choice in NOTED],
        **_dress(),
        "settings": {
            "key": f"round-{round_.pk}",
            "expires": link.expires_at.isoformat(),
            "acts": [_as_json(act) for act in acts],
            "events": reverse("round-walk-events", args=[token]),
            "worker": reverse("round-walk-worker", args=[token]),
            "scope": reverse("round-walk", args=[token]),
            "words": {
                **words,
                "kept": _("Kept in this phone. It is sent when there is a connection."),
                "sent": _("Everything is sent."),
                "waiting": _("{count} not sent yet. Everything is kept in this phone."),
                "over": _("This link is no longer valid. What you noted is still in this phone: tell the town hall."),
                "refused": _("{count} could not be taken in."),
                "progress": _("{done} of {count} done"),
                "ready": _("Ready for no connection"),
            },
        },
    }
    response = render(request, "mailings/walk/page.html", context)
    return _private(response)


def _chosen_door(request: HttpRequest, stops: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The letterbox that a person without a script wants to note something of."""
    wanted = request.GET.get("door", "")
    doors = {str(door["pk"]): (stop, door) for stop in stops for door in stop["doors"]}
    if wanted not in doors:
        return None
    stop, door = doors[wanted]
    return {"pk": door["pk"], "name": f"{stop['street']} {door['name']}", "stop": stop["pk"]}


def _as_json(act: Any) -> dict[str, Any]:
    return {
        "id": str(act.id),
        "act": act.act,
        act.subject[0]: act.subject[1],
        "replaces": sorted(str(one) for one in act.replaces),
        "made_at": act.made_at.isoformat(),
        "text": act.text,
    }


@csrf_exempt  # the secret address itself says who may; there is no session that another site could misuse
@takes_at_most(MOST_BYTES)
@require_POST
def walk_events(request: HttpRequest, token: str) -> JsonResponse:
    """Take what a phone noted ({"acts": […]}) and answer with all acts on the round, whoever did them."""
    try:
        link = get_round_by_token(token, to_send=True)
        sent = _acts_sent(request)
        taken = record_acts(round_=link.round, sent=sent)
    except Refusal as refusal:
        problem = {"code": refusal.code, "detail": refusal.detail}
        return _private(JsonResponse(problem, status=refusal.status))  # type: ignore[return-value]
    acts = [_as_json(act) for act in acts_of(link.round)] if link.is_in_force else []
    answer = {"kept": taken.kept, "refused": taken.refused, "acts": acts}
    return _private(JsonResponse(answer))  # type: ignore[return-value]


def _acts_sent(request: HttpRequest) -> list[dict[str, Any]]:
    """The acts in the body; what is no list of objects is as good as none."""
    try:
        body = json.loads(request.body)
        acts = body["acts"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [act for act in acts if isinstance(act, dict)] if isinstance(acts, list) else []


@csrf_exempt  # as above
@takes_at_most(MOST_BYTES)
@require_POST
def walk_act(request: HttpRequest, token: str) -> HttpResponse:
    """Note one thing, from the page without its script; leads back to where one was."""
    link = get_round_by_token(token, to_send=True)
    stop, letterbox = _number(request, "stop"), _number(request, "letterbox")
    record_act(
        round_=link.round,
        act=request.POST.get("act", ""),
        stop=stop,
        letterbox=letterbox,
        text=request.POST.get("text", ""),
    )
    back = stop or _number(request, "at")
    return _private(redirect(reverse("round-walk", args=[token]) + (f"#stop-{back}" if back else "")))


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else None


@require_GET
def walk_worker(request: HttpRequest, token: str) -> HttpResponse:
    """The service worker of one round: it rules over the addresses below its own, that is this round's alone."""
    link = get_round_by_token(token)
    assets = _assets()
    version = hashlib.sha256("\n".join([*assets, get_language() or ""]).encode()).hexdigest()[:12]
    told = {
        "cache": f"round-{link.round_id}-{version}",
        "prefix": f"round-{link.round_id}-",
        "page": reverse("round-walk", args=[token]),
        "assets": assets,
    }
    script = f"self.WALK = {json.dumps(told)};\nimportScripts({json.dumps(static(WORKER))});\n"
    return _private(HttpResponse(script, content_type="text/javascript; charset=utf-8"))
