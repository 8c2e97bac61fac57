"""An agent answers an idea and notes what came of it; everybody finds that beside the idea and on the map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from geoparticipation.accounts.models import User
from geoparticipation.followup.domain.cases import take_up
from geoparticipation.followup.models import Commitment, Measure
from tests.fixtures.question import Submit
from tests.fixtures.site import OpenSite
from tests.layers.pictures.pictures import four_colours, photo

pytestmark = pytest.mark.django_db(transaction=True)

IN_EAST = (4.4151, 50.845)
ON_MAP = """
async (kind) => {
    const map = await document.querySelector("gp-map").ready;
    const layers = ["measures-points", "found-points"].filter((id) => map.getLayer(id));
    const seen = () => map.queryRenderedFeatures({ layers }).filter(({ properties }) => properties.kind === kind);
    while (!seen().length) {
        await new Promise((done) => { map.once("idle", done); map.triggerRepaint(); });
    }
    return seen()[0].properties.title;
}
"""


def test_from_the_answer_to_a_star_on_the_map_of_the_town(
    open_site: OpenSite, submit: Submit, agent: User, tmp_path: Path, axe_violations: Callable[[Page], list[str]]
) -> None:
    today = timezone.localdate()
    Commitment.objects.create(
        in_force_from=today - timedelta(days=9), support_threshold=3, study_days=30, answer_days=60
    )
    idea = submit(title="Des arbres")
    take_up(contribution=idea, agent=agent)
    page = open_site(f"/workspace/follow-up/{idea.code}/", user=agent)
    page.get_by_label("acceptée", exact=False).first.check()
    page.locator("#id_answer-text").fill("Nous plantons six arbres.")
    page.locator("#id_answer-signed_by").fill("A. Weber, maire")
    page.get_by_role("button", name="Publier la réponse").click()
    page.get_by_role("link", name="Avancement, endroit et photos").click()

    # Where it is built: pointed at on the map, elsewhere than the idea.
    page.evaluate("async () => { await document.querySelector('gp-map').ready; }")
    page.get_by_role("button", name="Un point").click()
    page.locator("gp-map[drawing]").wait_for()
    lon, lat = IN_EAST
    x, y = page.evaluate(
        """async ([lon, lat]) => {
            const map = await document.querySelector("gp-map").ready;
            map.jumpTo({ center: [lon, lat], zoom: 17 });
            const { left, top } = map.getCanvas().getBoundingClientRect();
            const { x, y } = map.project([lon, lat]);
            return [x + left, y + top];
        }""",
        [lon, lat],
    )
    page.mouse.click(x, y)
    expect(page.locator("[data-geometry]")).not_to_have_value("")
    picture = tmp_path / "apres.jpg"
    picture.write_bytes(photo(four_colours(400, 300), "JPEG"))
    page.get_by_label("Ajouter des photos").set_input_files(str(picture))
    expect(page.locator("[data-held-photo]")).to_have_count(1)
    page.get_by_label("Décrivez-la").fill("Six jeunes arbres")
    page.get_by_label("Elle montre").select_option("after")
    page.locator("[name=progress][value=done]").check()
    page.locator("#id_done_on").fill(today.isoformat())
    page.locator("#id_spent").fill("1 200,50")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Noter", exact=True).click()
    expect(page).to_have_url(f"/workspace/follow-up/{idea.code}/")

    measure = Measure.objects.get()
    assert measure.geometry.coords == pytest.approx(IN_EAST, abs=1e-4)
    assert measure.photos.get().moment == "after"

    visitor = open_site("/measures/")
    expect(visitor.get_by_role("img", name="Six jeunes arbres")).to_be_visible()
    assert visitor.evaluate(ON_MAP, "measure_done") == "Des arbres"
    assert axe_violations(visitor) == []
    visitor.get_by_role("link", name="Des arbres").first.click()
    expect(visitor.get_by_text("Nous plantons six arbres.")).to_be_visible()
    expect(visitor.get_by_role("img", name="Six jeunes arbres")).to_be_visible()
    expect(visitor.get_by_text("1\u202f200,50\u00a0€ dépensés").first).to_be_visible()
    visitor.goto("/")
    assert visitor.evaluate(ON_MAP, "measure_done") == "Des arbres"
