"""Addresses of volunteering."""

from django.urls import path

from geoparticipation.volunteering import views, views_agreements, views_associations, views_forms

urlpatterns = [
    path("consultations/<slug:slug>/volunteering/", views.show_exchange, name="exchange"),
    path("consultations/<slug:slug>/volunteering/offer/", views_forms.offer_help, name="offer-help"),
    path("consultations/<slug:slug>/volunteering/mission/", views_forms.ask_for_help, name="ask-for-help"),
    path("volunteering/", views_agreements.my_volunteering, name="my-volunteering"),
    path("volunteering/offers/<uuid:code>/", views.show_offer, name="volunteer-offer"),
    path("volunteering/offers/<uuid:code>/edit/", views_forms.edit_offer, name="volunteer-offer-edit"),
    path("volunteering/offers/<uuid:code>/matches/", views.offer_matches, name="offer-matches"),
    path("volunteering/missions/<uuid:code>/", views.show_mission, name="mission"),
    path("volunteering/missions/<uuid:code>/ask/", views_agreements.ask_mission, name="mission-ask"),
    path("volunteering/missions/<uuid:code>/matches/", views.mission_matches, name="mission-matches"),
    path(
        "volunteering/missions/<uuid:code>/matches/<uuid:offer>/", views_agreements.ask_offer, name="mission-ask-offer"
    ),
    path("volunteering/agreements/<uuid:code>/", views_agreements.show_agreement, name="agreement"),
    path("associations/", views_associations.association_list, name="associations"),
    path("associations/new/", views_associations.new_association, name="association-new"),
    path("associations/<slug:slug>/", views_associations.show_association, name="association"),
    path("associations/<slug:slug>/edit/", views_associations.edit_association, name="association-edit"),
    path("associations/<slug:slug>/members/", views_associations.change_members, name="association-members"),
    path("associations/<slug:slug>/join/<str:invitation>/", views_associations.join, name="association-join"),
]
