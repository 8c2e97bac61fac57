"""The one table of everything with a place that a person puts in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.models import Device
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.contributions.cells import CELLS
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, Status
from geoparticipation.contributions.text import ACCENTS
from neighbourhoods.models import District, Street


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Answers about contributions."""

    def public(self) -> ContributionQuerySet:
        """What everybody may see: online, in a consultation that is not a draft, not below an idea taken off."""
        return self.filter(_PUBLIC)

    def visible_to(self, user: object) -> ContributionQuerySet:
        """Moderators see all but drafts, authors their own beside what is public, others what is public."""
        if getattr(user, "is_moderator", False):
            return self.exclude(status=Status.DRAFT)
        if getattr(user, "is_authenticated", False):
            return self.filter(_PUBLIC | models.Q(author=user))
        return self.public()

    def figure(self, consultation: Combinable, *, total: str = "n", **apart: str) -> models.Func:
        """An expression: how many contributions a consultation has online (or their `support_count`), of all.

        From the maintained cells, whatever their number and whatever was filtered here; `apart` may name a kind.
        """
        return CELLS.figure(consultation, total=total, **apart)

    def with_thumbnail(self) -> ContributionQuerySet:
        """Each with `thumbnail`, the code of its first photo (null without): a look into an index for each row."""
        from geoparticipation.contributions.models.attachment import Attachment

        photos = Attachment.objects.filter(contribution=models.OuterRef("pk")).order_by("position").values("code")
        return self.annotate(thumbnail=models.Subquery(photos[:1]))


_PUBLIC = models.Q(status=Status.PUBLISHED, consultation__state__in=["published", "archived"]) & (
    models.Q(parent__isnull=True) | models.Q(parent__status=Status.PUBLISHED)
)


class Contribution(models.Model):
    """A proposal or a comment, with its place.

    `geometry` (any type, SRID 4326) is where the person put it and is for agents; `public_geometry` is what the
    public sees. `district` is the smallest current district with the largest share, `street` the nearest street (or
    the one chosen); all shares are in `ContributionDistrict`. `typed_address` is kept apart from the pin.
    `support_count` and `comment_count` (comments online) are kept by `domain`. `device` is kept where the consultation
    asks for no more than a device. `reviewed_at` is when a moderator first read it. `search_text` is for `queries`.
    """

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="contributions")
    phase = models.ForeignKey(Phase, models.SET_NULL, null=True, blank=True, related_name="contributions")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="contributions"
    )
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="contributions")
    author_name = models.CharField(_("name shown in public"), max_length=80, blank=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="comments")
    title = models.CharField(_("title"), max_length=120, blank=True)
    body = models.TextField(_("text"), max_length=5000, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SUBMITTED)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin, default=Origin.WEB)
    geometry = models.GeometryField(_("place"), srid=4326)
    public_geometry = models.GeometryField(_("place in public"), srid=4326)
    located_by = models.CharField(_("located by"), max_length=10, choices=LocatedBy)
    typed_address = models.CharField(_("address as typed"), max_length=200, blank=True)
    district = models.ForeignKey(District, models.SET_NULL, null=True, blank=True, related_name="contributions")
    street = models.ForeignKey(Street, models.SET_NULL, null=True, blank=True, related_name="contributions")
    districts = models.ManyToManyField(District, through="ContributionDistrict", related_name="placed_contributions")
    support_count = models.PositiveIntegerField(_("supports"), default=0, editable=False)
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    reviewed_at = models.DateTimeField(_("read by a moderator at"), null=True, blank=True, editable=False)
    search_text = models.GeneratedField(
        expression=Func(
            Lower(
                Func(
                    "title",
                    "body",
                    template="(%(expressions)s)",
                    arg_joiner=" || ' ' || ",
                    output_field=models.TextField(),
                )
            ),
            Value(ACCENTS[0]),
            Value(ACCENTS[1]),
            function="translate",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["-submitted_at", "-pk"]
        indexes = [
            models.Index(fields=["-submitted_at", "-id"], name="contribution_latest_idx"),
            models.Index(fields=["consultation", "-submitted_at", "-id"], name="contribution_in_consultation"),
            models.Index(fields=["status", "-submitted_at", "-id"], name="contribution_queue_idx"),
            # What a moderator reads next; of a million contributions a few thousand wait.
            models.Index(
                fields=["-status", "submitted_at", "id"],
                condition=models.Q(status=Status.SUBMITTED)
                | models.Q(status=Status.PUBLISHED, reviewed_at__isnull=True),
                name="contribution_to_read_idx",
            ),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="contribution_search_trgm"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(geometry__isvalid=True), name="contribution_geometry_is_valid"),
            models.CheckConstraint(
                condition=models.Q(public_geometry__isvalid=True), name="contribution_public_geometry_is_valid"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(kind=Kind.COMMENT, parent__isnull=False)
                    | (~models.Q(kind=Kind.COMMENT) & models.Q(parent__isnull=True))
                ),
                name="comments_and_only_they_have_a_parent",
            ),
            # What somebody answered in a survey counts in its results and is never online by itself.
            models.CheckConstraint(
                condition=~models.Q(kind=Kind.RESPONSE)
                | models.Q(status__in=[Status.COUNTED, Status.HIDDEN, Status.WITHDRAWN]),
                name="responses_are_never_online",
            ),
            # At identity level 0 one device speaks once per question: one idea per phase, one comment per idea.
            # The device is stored at that level only.
            models.UniqueConstraint(
                fields=["device", "phase"],
                condition=models.Q(device__isnull=False, parent__isnull=True)
                & ~models.Q(status__in=[Status.WITHDRAWN, Status.DRAFT]),
                name="one_idea_per_device_and_phase",
            ),
            models.UniqueConstraint(
                fields=["device", "parent"],
                condition=models.Q(device__isnull=False, parent__isnull=False)
                & ~models.Q(status__in=[Status.WITHDRAWN, Status.DRAFT]),
                name="one_comment_per_device_and_idea",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.body[:60]


class ContributionDistrict(models.Model):
    """One district, of any level, that a contribution lies in, and which share of its area or length."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="shares")
    district = models.ForeignKey(District, models.CASCADE, related_name="contribution_shares")
    share = models.FloatField(_("share"), default=1.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contribution", "district"], name="contribution_district_once"),
            models.CheckConstraint(
                condition=models.Q(share__gte=0, share__lte=1.000001), name="contribution_share_0_to_1"
            ),
        ]
