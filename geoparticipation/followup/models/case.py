"""An idea that the commune has taken up."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.enums import Opening, ReminderKind, Stage, Verdict
from geoparticipation.followup.models.commitment import Commitment


class CaseQuerySet(models.QuerySet["Case"]):
    """Answers about cases."""

    def public(self) -> CaseQuerySet:
        """Those of ideas that everybody may read."""
        return self.filter(
            contribution__status=Status.PUBLISHED, contribution__consultation__state__in=["published", "archived"]
        )

    def at_stage(self, stage: str) -> CaseQuerySet:
        """Those that are being studied, wait for the college, or are answered."""
        if stage == Stage.ANSWERED:
            return self.filter(answer__isnull=False)
        return self.filter(answer__isnull=True, study__isnull=stage == Stage.TO_STUDY)

    def overdue(self, day: date) -> CaseQuerySet:
        """Those without an answer although its last day is before this one."""
        return self.filter(answer__isnull=True, answer_due_on__lt=day)


class Case(models.Model):
    """The commune owes this idea an answer.

    `opened_on` is the town's day on which the supports reached the rule's number, or an agent took it up;
    `study_due_on` and `answer_due_on` are the last days that are still in time.
    """

    contribution = models.OneToOneField(Contribution, models.CASCADE, related_name="case")
    opening = models.CharField(_("why"), max_length=8, choices=Opening)
    opened_on = models.DateField(_("opened on"))
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="cases")
    study_due_on = models.DateField(_("study due on"))
    answer_due_on = models.DateField(_("answer due on"))
    in_charge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("person in charge"),
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["answer_due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    study_due_on__gte=models.F("opened_on"), answer_due_on__gte=models.F("study_due_on")
                ),
                name="case_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contribution)

    @property
    def stage(self) -> Stage:
        """Where it is; no query when `study` and `answer` are selected."""
        if hasattr(self, "answer"):
            return Stage.ANSWERED
        return Stage.TO_DECIDE if hasattr(self, "study") else Stage.TO_STUDY

    def is_overdue(self, day: date) -> bool:
        """Whether the answer was owed before this day and is not there."""
        return self.stage != Stage.ANSWERED and self.answer_due_on < day


class Study(models.Model):
    """Whether and for what money it can be done."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="study")
    department = models.CharField(_("department"), max_length=120)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    cost = models.DecimalField(
        _("cost in euros"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    text = models.TextField(_("what was found"), max_length=5000)
    made_on = models.DateField(_("day"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0), name="study_costs_nothing_or_more"
            )
        ]


class Reminder(models.Model):
    """That somebody was reminded, so that nobody is twice; `passed_on_at` is when the mails of it were queued."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="reminders")
    kind = models.CharField(_("about"), max_length=11, choices=ReminderKind)
    sent_on = models.DateField(_("day"))
    passed_on_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="one_reminder_of_a_kind")]
