"""The page where agents enter answers that came back on paper: one by its code, or many from a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.accounts.identity import actor_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.contributions.domain.enter_paper import (
    FILE_MAX_BYTES,
    MOST_ROWS,
    enter_paper_answer,
    find_flyer,
    import_paper_answers,
)
from geoparticipation.contributions.domain.submit_contribution import BODY_LENGTH, TITLE_LENGTH
from geoparticipation.mailings.domain.letterbox_codes import used_up
from layers.errors import Refusal


class PaperForm(forms.Form):
    """What stands on the paper; the domain says what must be there."""

    code = forms.CharField(
        label=gettext_lazy("Code on the flyer"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    title = forms.CharField(
        label=gettext_lazy("The answer in a few words"), required=False, max_length=TITLE_LENGTH * 3
    )
    body = forms.CharField(
        label=gettext_lazy("The whole answer"),
        required=False,
        max_length=BODY_LENGTH * 3,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


@takes_at_most(FILE_MAX_BYTES)
@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def paper(request: HttpRequest) -> HttpResponse:
    """First the code (`act=look`), which shows street and consultation, never the home; then the answer. Or a file."""
    actor, act = actor_for(request), request.POST.get("act", "")
    form = PaperForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "most_rows": MOST_ROWS}
    status = 200
    if request.method == "POST":
        try:
            if act == "import":
                file = request.FILES.get("file")
                context["report"] = import_paper_answers(actor=actor, content=file.read() if file else b"")
                context["form"] = PaperForm()
            elif form.is_valid():
                flyer = context["flyer"] = find_flyer(text=form.cleaned_data["code"], actor=actor)
                context["flyer_used_up"] = used_up(flyer) if flyer.is_used_up else None
                if act == "send":
                    enter_paper_answer(
                        actor=actor,
                        code_text=form.cleaned_data["code"],
                        title=form.cleaned_data["title"],
                        body=form.cleaned_data["body"],
                    )
                    messages.success(request, _("The answer is stored. It waits to be read like the others."))
                    return redirect("workspace-paper")
        except Refusal as refusal:
            context["refusal"], status = refusal, 422
    return render(request, "contributions/paper.html", context, status=status)
