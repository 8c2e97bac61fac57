"""Closed lists of consultations."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PhaseKind(models.TextChoices):
    """The kinds of steps of a consultation; `phases.py` says what each opens."""

    PRESENTATION = "presentation", _("Presentation")
    CONTRIBUTION = "contribution", _("Consultation")
    SURVEY = "survey", _("Survey")
    VOTE = "vote", _("Vote")
    SYNTHESIS = "synthesis", _("Synthesis")
    DEBATE = "debate", _("Debate")
    DECISION = "decision", _("Decision")
    FOLLOW_UP = "follow_up", _("Follow-up")
    VOLUNTEERING = "volunteer", _("Volunteering")


class Feature(models.TextChoices):
    """What a phase can open."""

    PROPOSE = "propose", _("put in ideas")
    COMMENT = "comment", _("comment")
    SUPPORT = "support", _("support")
    RESPOND = "respond", _("answer a survey")
    VOLUNTEER = "volunteer", _("offer and find help")
    BALLOT = "ballot", _("vote on a budget")
    PREFER = "prefer", _("compare the variants of a plan")


class ConsultationState(models.TextChoices):
    """Whether the public sees a consultation."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    ARCHIVED = "archived", _("archived")


class ModerationRule(models.TextChoices):
    """When a contribution comes online."""

    AFTER = "after", _("at once; a moderator reads it afterwards")
    BEFORE = "before", _("once a moderator has read it")


class VoicesPer(models.TextChoices):
    """How many answers the letterbox code of a home stands for."""

    LETTERBOX = "letterbox", _("one voice for each letterbox")
    DWELLING = "dwelling", _("one voice for each dwelling behind the letterbox")


class PlacePrivacy(models.TextChoices):
    """How exactly the public sees where a contribution is."""

    EXACT = "exact", _("exact place")
    STREET = "street", _("street only")
