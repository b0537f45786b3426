"""Addresses of the distribution's pages at the desk."""

from django.urls import path

from allocation.views import dwellings, offers, rounds, what_if

app_name = "allocation"
urlpatterns = [
    path("homes/", dwellings.dwelling_list, name="dwellings"),
    path("rounds/", rounds.round_list, name="rounds"),
    path("rounds/open/", rounds.open_round, name="open_round"),
    path("rounds/<int:round_id>/", rounds.round_page, name="round"),
    path("rounds/<int:round_id>/passed-over/", rounds.line_list, name="lines"),
    path("rounds/<int:round_id>/freeze/", rounds.freeze, name="freeze"),
    path("rounds/<int:round_id>/run/", rounds.run_engine, name="run"),
    path("rounds/<int:round_id>/sitting/", rounds.hand_over, name="hand_over"),
    path("rounds/<int:round_id>/recheck/", rounds.recheck, name="recheck"),
    path("rounds/<int:round_id>/planned/", rounds.plan_sitting, name="plan_sitting"),
    path("rounds/<int:round_id>/what-if/", what_if.page, name="what_if"),
    path("rounds/<int:round_id>/cancel/", rounds.cancel, name="cancel"),
    path("offers/", offers.offer_list, name="offers"),
    path("offers/<int:offer_id>/", offers.offer_page, name="offer"),
    path("offers/<int:offer_id>/accept/", offers.accept, name="accept"),
    path("offers/<int:offer_id>/refuse/", offers.refuse, name="refuse"),
]
