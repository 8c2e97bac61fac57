"""After an answer with a code, nothing that the public can fetch tells which letterbox it came from.

Every address of the site but those of the workspace and Django's administration is fetched, by a visitor and by
somebody signed in, in every format, and searched for the door: its point, exact or rounded, in degrees or in web
mercator, in text or in binary, and its house number. A new address of the site is fetched by itself; one with a
parameter of a new name fails until VALUES says what to put there.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import mapbox_vector_tile
import numpy as np
import pypdfium2
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.councils.domain.councils import save_council
from geoparticipation.mailings.codes import derive_code
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.models import LetterboxCode, Mailing
from layers.exports.formats import FileFormat
from layers.registry import _layers
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address
from tests.fixtures.question import MakeConsultation
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db

DOOR = (4.4064731, 50.8452187)
"""Of Rue Haute, 24 m off its middle, and near no other place of the town."""
NUMBER = "57 quater"
NEAR_DEGREES = 6e-5
"""Rounded to four decimals a place is up to 5e-5 off; five metres."""
NEAR_M = 7.0
NOT_PUBLIC = ("workspace/", "admin/")
REGISTER = {"api/v1/places/locate", "api/v1/places/search", "places/"}
"""The register's own look-ups: they know every door, and must name it after the answer as often as before."""
QUERIES: dict[str, list[str]] = {
    "councils/": ["?q=Rue+Haute"],
    "contributions/": ["?in_bbox=4.4,50.84,4.42,50.85", "?q=bench"],
    "contributions/export/": [f"?format={one}" for one in FileFormat.values],
    "places/": [f"?q=Rue+Haute+{NUMBER.replace(' ', '+')}", "?q=Rue+Haute"],
    "api/v1/contributions/": ["?in_bbox=4.4,50.84,4.42,50.85&limit=5", "?q=bench"],
    "api/v1/places/locate": [f"?lon={DOOR[0]}&lat={DOOR[1]}"],
    "api/v1/places/search": ["?q=Rue+Haute+57"],
}
"""What else is asked of an address, besides nothing."""

Values = dict[str, list[Any]]


@pytest.fixture
def question(make_consultation: MakeConsultation, tiny_town: TinyTown, agent: User) -> Consultation:
    """Aimed at the whole town, for households."""
    Address.objects.filter(register_id="haute 5").update(
        geometry=Point(*DOOR, srid=4326), house_number=NUMBER, number=57, number_suffix="quater"
    )
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    return make_consultation(target=target, identity_level=IdentityLevel.HOUSEHOLD, charter="Be kind.")


@pytest.fixture
def mailing(question: Consultation) -> Mailing:
    made = make_mailing(name="Autumn", consultation=question, target=question.target)
    return record_delivery(mailing=made, delivered_on=made.created_at.date())


def routes() -> Iterator[str]:
    """Every address of the site as it is written in the URLconf, but those that no visitor can open."""

    def walk(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
        for pattern in resolver.url_patterns:
            route = prefix + str(pattern.pattern)
            if route.startswith(NOT_PUBLIC):
                continue
            if isinstance(pattern, URLPattern):
                yield route
            else:
                yield from walk(pattern, route)

    return walk(get_resolver())


def paths_of(route: str, values: Values) -> Iterator[str]:
    """The route with each of the values in the place of its parameters, with each of its queries."""
    plain = re.sub(r"\(\?P<(\w+)>(?:[^()\[\]]|\[[^\]]*\])*\)", r"<\1>", route).replace("^", "").replace("$", "")
    names = [name.rpartition(":")[2] for name in re.findall(r"<([^>]+)>", plain)]
    for name in names:
        assert name in values, f"{route}: say in VALUES what to put in the place of {name}"
    for chosen in product(*(values[name] for name in names)):
        path = plain
        for value in chosen:
            path = re.sub(r"<[^>]+>", str(value), path, count=1)
        for query in ["", *QUERIES.get(route, [])]:
            yield f"/{path}{query}"


def tiles_over_the_door() -> Iterator[tuple[int, int, int]]:
    for z in (0, 6, 11, 13, 14, 15, 16, 18):
        x = (DOOR[0] + 180) / 360 * 2**z
        y = (1 - np.arcsinh(np.tan(np.radians(DOOR[1]))) / np.pi) / 2 * 2**z
        yield z, int(x), int(y)


def public_paths(values: Values) -> dict[str, list[str]]:
    """Every path to fetch, by its route. Tiles are taken over the door only."""
    paths = {route: list(paths_of(route, values)) for route in routes() if "<str:z>" not in route}
    paths["tiles"] = [f"/tiles/{name}/{z}/{x}/{y}.mvt" for name in values["name"] for z, x, y in tiles_over_the_door()]
    return paths


# What is looked for ---------------------------------------------------------------------------------------------------

_MERCATOR = 20037508.342789244


def in_mercator(lon: float, lat: float) -> tuple[float, float]:
    return lon * _MERCATOR / 180, float(np.arcsinh(np.tan(np.radians(lat)))) * _MERCATOR / np.pi


def is_the_door(first: Any, second: Any) -> Any:
    """Whether two numbers one after the other are the door's, in either order (numbers, or arrays of them)."""
    found = np.zeros(np.shape(first), dtype=bool)
    for (x, y), near in ((DOOR, NEAR_DEGREES), (in_mercator(*DOOR), NEAR_M)):
        for a, b in ((x, y), (y, x)):
            found |= (np.abs(first - a) <= near) & (np.abs(second - b) <= near)
    return found


def times_in_text(text: str) -> int:
    numbers = np.array([float(number) for number in re.findall(r"-?\d+\.\d+", text)])
    return text.count(NUMBER) + int(is_the_door(numbers[:-1], numbers[1:]).sum())


def in_text(text: str) -> bool:
    return times_in_text(text) > 0


def in_binary(content: bytes) -> bool:
    """In doubles one behind the other, at any place in the file and of either byte order."""
    if NUMBER.encode() in content or NUMBER.encode("utf-16-le") in content:
        return True
    for order, shift in product("<>", range(8)):
        usable = (len(content) - shift) // 8 * 8
        numbers = np.frombuffer(content[shift : shift + usable], dtype=f"{order}f8")
        with np.errstate(all="ignore"):
            if is_the_door(numbers[:-1], numbers[1:]).any():
                return True
    return False


def in_tile(content: bytes, z: int, x: int, y: int) -> bool:
    """In a property, or at a vertex where the tile's grid is finer than what is looked for."""
    layers = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    for layer in layers.values():
        for feature in layer["features"]:
            if in_text(str(feature["properties"])):
                return True
            vertices = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"])) / layer["extent"]
            east = (vertices[:, 0] + x) / 2**z * 2 * _MERCATOR - _MERCATOR
            north = _MERCATOR - (vertices[:, 1] + y) / 2**z * 2 * _MERCATOR
            if z >= 11 and is_the_door(east, north).any():
                return True
    return False


def holds_the_door(path: str, content_type: str, content: bytes) -> bool:
    if content_type.startswith("application/vnd.mapbox-vector-tile"):
        z, x, y = (int(number) for number in re.findall(r"\d+", path)[-3:])
        return in_tile(content, z, x, y)
    if content.startswith(b"%PDF"):
        pages = pypdfium2.PdfDocument(content)
        return any(in_text(page.get_textpage().get_text_bounded()) for page in pages)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(holds_the_door(path, "", archive.read(name)) for name in archive.namelist())
    try:
        return in_text(content.decode())
    except UnicodeDecodeError:
        return in_binary(content)


Answer = tuple[int, str, bytes]


def fetch(client: Client, path: str) -> Answer:
    response = client.get(path)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, response.headers.get("Content-Type", ""), content


# The search finds a door where there is one ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b'{"coordinates": [4.4064731, 50.8452187]}',
        b"POINT (4.40647 50.84522)",
        b"50.8452, 4.4065",
        b"<p>Rue Haute 57 quater</p>",
        b"\xff\x00" + np.array(DOOR, dtype="<f8").tobytes() + b"\x00",
        b"\xff" + np.array(in_mercator(*DOOR), dtype=">f8").tobytes(),
        str(in_mercator(*DOOR)).encode(),
    ],
)
def test_a_door_is_found_however_it_is_written(content: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("doors", content)

    assert holds_the_door("/", "", content)
    assert holds_the_door("/", "", packed.getvalue())
    assert not holds_the_door("/", "", b"4.4064731, 51.8452187; 4.406, 50.845; 57")


def test_a_door_is_found_in_a_tile() -> None:
    z, x, y = list(tiles_over_the_door())[-2]
    at = [
        (place + _MERCATOR) / (2 * _MERCATOR) * 2**z - tile
        for place, tile in zip(in_mercator(DOOR[0], -DOOR[1]), (x, y), strict=True)
    ]
    point = {"geometry": shapely.Point(at[0] * 4096, at[1] * 4096), "properties": {}}
    tile = mapbox_vector_tile.encode([{"name": "doors", "features": [point]}], default_options={"y_coord_down": True})

    assert in_tile(tile, z, x, y)


# The test itself ------------------------------------------------------------------------------------------------------


@pytest.fixture
def answer_by_code(client: Client, mailing: Mailing, question: Consultation) -> Callable[[], Contribution]:
    """Answer from the door as a person does, comment on it, and look again."""

    def answer() -> Contribution:
        letterbox = mailing.letterboxes.get(house_number=NUMBER)
        code = code_of(mailing, letterbox, letterbox.codes.get())
        form = client.get(f"/l/{code}")["Location"]
        said = {"title": "A bench", "body": "Under the tree.", "act": "send", "accept_charter": "on"}
        assert client.post(form, said).status_code == 302
        idea = Contribution.objects.get()
        comment = {"body": "And a second one.", "accept_charter": "on"}
        assert client.post(f"/contributions/{idea.code}/comment/", comment).status_code == 302
        assert LetterboxCode.objects.get(uses=1).letterbox == letterbox
        return idea

    return answer


def test_no_public_output_tells_which_letterbox_answered(
    mailing: Mailing, question: Consultation, neighbour: User, agent: User, answer_by_code: Callable[[], Contribution]
) -> None:
    values: Values = {
        "slug": [question.slug, save_council(agent=agent, name="Council", area=question.target).slug],
        "name": sorted(_layers),
        "file_format": ["html", "pdf", "csv", "geojson", "gpkg"],
        "invitation": ["nobody-was-invited"],
        "extension": FileFormat.values,
        "size": ["large"],
        "id": [question.target_id],
        "rest": ["v1/nothing"],
        "key": ["no-such-key"],
        "uidb36": ["1"],
        "code": [derive_code(salt="no mailing", letterbox=1, number=1)],
        "survey_slug": ["no-such-survey"],
        "token": ["no-such-token"],
        "offer": ["00000000-0000-4000-8000-000000000000"],
        "photo": ["00000000-0000-4000-8000-000000000000"],
        "variant": ["00000000-0000-4000-8000-000000000000"],
        "place": ["00000000-0000-4000-8000-000000000000"],
    }
    visitor = Client()
    before = {path: fetch(visitor, path)[2].decode() for route in REGISTER for path in paths_of(route, values)}
    assert any(times_in_text(text) for text in before.values())

    idea = answer_by_code()
    values["code"].append(idea.code)

    signed_in = Client()
    signed_in.force_login(neighbour)
    read, telling, changed = set(), [], []
    for route, paths in public_paths(values).items():
        for who, path in product((visitor, signed_in), paths):
            if who is signed_in and (route == "tiles" or "export" in route or "report" in route):
                continue  # the same for everybody
            status, content_type, content = fetch(who, path)
            if status == 200:
                read.add(route)
            if route in REGISTER:
                if times_in_text(content.decode()) != times_in_text(before[path]):
                    changed.append(path)
            elif holds_the_door(path, content_type, content):
                telling.append(path)
    assert telling == []
    assert changed == []
    assert {
        "", "consultations/<slug:slug>/results/", "contributions/<uuid:code>/", "contributions/export/", "tiles",
        "consultations/<slug:slug>/report.<str:file_format>", "api/v1/contributions/", "tiles/<slug:name>.json",
        "api/v1/contributions/export.<str:extension>", "api/v1/contributions/<uuid:code>/",
        "councils/<slug:slug>/",
    } <= read  # fmt: skip
