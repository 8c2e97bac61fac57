"""The tiny town with something of everything: what the pages show when people use them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.gis.geos import LineString, Polygon
from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.enums import Channel
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind, Side
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.districts import DistrictRow, store_districts
from neighbourhoods.models import BoundaryRelease, Target
from tests.fixtures.question import MakeConsultation, Submit, actor_of
from tests.fixtures.tiny_town import TinyTown


@dataclass(frozen=True)
class LivelyTown:
    """`open` takes ideas and asks for a charter, `read_first` for an e-mail address; `over` and `draft` are neither."""

    open: Consultation
    read_first: Consultation
    over: Consultation
    draft: Consultation
    target: Target
    idea: Contribution
    waiting: Contribution
    next_boundaries: BoundaryRelease


def boundaries_of_next_year() -> BoundaryRelease:
    """West a little wider, East under another name: beside the districts in force."""
    report = ImportReport()
    rows = [("W", "West", (4.400, 50.840, 4.411, 50.850)), ("E", "Park side", (4.411, 50.840, 4.420, 50.850))]
    with transaction.atomic():
        return store_districts(
            [DistrictRow(code, name, Polygon.from_bbox(box).hex.decode()) for code, name, box in rows],
            level_name="district",
            release_name="2027",
            source="",
            valid_from=None,
            report=report,
        )


@pytest.fixture
def lively_town(
    tiny_town: TinyTown,
    make_consultation: MakeConsultation,
    consultation: Consultation,
    submit: Submit,
    citizen: User,
    neighbour: User,
    agent: User,
) -> LivelyTown:
    """Four consultations, a target, an idea of each shape, a comment with a place, one that waits, a download."""
    haute = PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk, side=Side.EVEN, buffer_m=50)
    target = save_target(name="Rue Haute, even side", parts=[haute], user=agent)
    Consultation.objects.filter(pk=consultation.pk).update(
        target=target,
        description="<p>What we <strong>plan</strong>.</p><ul><li>Trees</li></ul>",
        political_lead="Anne Martin",
        operational_lead="Jean Petit",
        help_place="Town hall",
        help_phone="02 123 45 67",
        help_hours="9-12",
        video_url="https://example.org/video",
    )
    idea = submit(body="They give shade.\nAnd birds.")
    submit(title="A lane", geometry=LineString((4.403, 50.8451), (4.407, 50.8451), srid=4326), located_by="drawn")
    submit(
        title="A garden",
        actor=actor_of(neighbour),
        geometry=Polygon(
            ((4.411, 50.844), (4.413, 50.844), (4.413, 50.846), (4.411, 50.846), (4.411, 50.844)), srid=4326
        ),
        located_by="drawn",
    )
    submit(parent=idea, body="Here too.", actor=actor_of(neighbour), geometry=tiny_town.addresses["parc 1"].geometry)
    Consultation.objects.filter(pk=consultation.pk).update(charter="Be kind.\nStay on the subject.")
    read_first = make_consultation(moderation=ModerationRule.BEFORE, identity_level=1)
    waiting = submit(title="Benches", into=read_first, actor=actor_of(citizen))
    over = make_consultation(phase=None, title="Something that is over")
    now = timezone.now()
    over.phases.create(
        kind="contribution",
        starts_at=now - timedelta(days=9),
        ends_at=now - timedelta(days=2),
        outcome='<p>Trees, <a href="https://example.org/sum.pdf">says the sum</a>.</p>',
    )
    MailingListDownload.objects.create(
        downloaded_by=agent,
        target=target,
        target_name=target.name,
        channel=Channel.PAGE,
        file_format="csv",
        letterboxes=target.letterboxes,
    )
    return LivelyTown(
        open=Consultation.objects.get(pk=consultation.pk),
        read_first=read_first,
        over=over,
        draft=make_consultation(phase=None, state=ConsultationState.DRAFT),
        target=target,
        idea=idea,
        waiting=waiting,
        next_boundaries=boundaries_of_next_year(),
    )
