"""The territory in the administration: everything opens, little can be changed."""

from __future__ import annotations

import pytest

from neighbourhoods.models import Address, BoundaryRelease, District, DistrictLevel, Street, Target


@pytest.mark.parametrize("model", [Address, BoundaryRelease, District, DistrictLevel, Street, Target])
def test_list_and_page_open_and_nothing_is_added_or_deleted(admin_client, tiny_town, model):
    name = model._meta.model_name
    if model is Target:
        Target.objects.create(name="All")
    row = model.objects.first()

    listing = admin_client.get(f"/admin/neighbourhoods/{name}/?q=a")
    page = admin_client.get(f"/admin/neighbourhoods/{name}/{row.pk}/change/")

    assert (listing.status_code, page.status_code) == (200, 200)
    assert b"ol.js" not in page.content
    assert admin_client.get(f"/admin/neighbourhoods/{name}/add/").status_code == 403
    assert admin_client.post(f"/admin/neighbourhoods/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_wish_for_no_flyers_is_noted_and_the_register_stays(admin_client, tiny_town):
    address = tiny_town.addresses["haute 1"]

    response = admin_client.post(
        f"/admin/neighbourhoods/address/{address.pk}/change/",
        {"dwellings": "7", "no_flyers": "on", "house_number": "99"},
    )

    assert response.status_code == 302
    address.refresh_from_db()
    assert (address.dwellings, address.no_flyers, address.house_number) == (7, True, "1")
