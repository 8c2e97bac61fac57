"""Where proofs of residence are kept and taken away: one's page, and the question after a scan."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from geoparticipation.accounts.identity import actor_for
from geoparticipation.mailings.domain.keep_residence import keep_residence, keep_typed_code, remove_residence
from geoparticipation.mailings.letterbox import forget_offer, offered_code
from geoparticipation.mailings.models import Residence
from layers.errors import Refusal


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def residence(request: HttpRequest) -> HttpResponse:
    """One's own proofs; a POST keeps the one of a `code`, or takes the one of `remove` away."""
    refusal: Refusal | None = None
    if request.method == "POST":
        asked = request.POST.get("remove", "")
        try:
            if asked:
                if asked.isascii() and asked.isdigit() and len(asked) <= 15:
                    remove_residence(user=request.user, residence_id=int(asked))
                messages.success(request, _("The proof is removed."))
            else:
                keep_typed_code(actor=actor_for(request), text=request.POST.get("code", ""))
                messages.success(request, _("Your residence is verified by letterbox."))
            return redirect("residence")
        except Refusal as refused:
            refusal = refused
    kept = Residence.objects.filter(user=request.user).select_related("target").defer("target__geometry")
    status = max(refusal.status, 400) if refusal else 200
    return render(request, "mailings/residence.html", {"residences": kept, "refusal": refusal}, status=status)


@never_cache
@login_required
@require_POST
def answer_offer(request: HttpRequest) -> HttpResponse:
    """Keep the code that this browser came with (`keep`), or not; one is not asked again. Back to `next`."""
    code = offered_code(request)
    forget_offer(request)
    if code is not None and "keep" in request.POST:
        try:
            keep_residence(actor=actor_for(request), code=code)
        except Refusal as refused:
            messages.error(request, refused.detail)
        else:
            messages.success(request, _("Your residence is verified by letterbox."))
    following = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    return redirect(following if is_own else "residence")
