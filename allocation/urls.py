"""Addresses of the distribution's pages at the desk."""

from django.urls import path

from allocation.views import akimat_decisions, dwellings, offers, rounds, signing, stock, tenancies, what_if

app_name = "allocation"
urlpatterns = [
    path("homes/", dwellings.dwelling_list, name="dwellings"),
    path("homes/add/", stock.add_home, name="stock_add"),
    path("homes/file/", stock.look, name="stock_look"),
    path("homes/file/take-in/", stock.take_in, name="stock_take_in"),
    path("homes/places/", stock.add_places, name="stock_places"),
    path("homes/<int:dwelling_id>/", dwellings.dwelling_page, name="dwelling"),
    path("homes/<int:dwelling_id>/ready/", dwellings.ready, name="dwelling_ready"),
    path("homes/<int:dwelling_id>/vacate/", dwellings.vacate, name="dwelling_vacate"),
    path("homes/<int:dwelling_id>/hand-to/", dwellings.hand_to, name="dwelling_hand_to"),
    path("homes/<int:dwelling_id>/take-out/", dwellings.take_out, name="dwelling_take_out"),
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
    path("offers/<int:offer_id>/unfit/", offers.look_at_unfit, name="unfit_look"),
    path("sittings/<int:sitting_id>/signing/", signing.page, name="signing"),
    path("sittings/<int:sitting_id>/sign/", signing.sign, name="sign"),
    path("sittings/<int:sitting_id>/manifest.json", signing.manifest, name="manifest"),
    path("sittings/<int:sitting_id>/closing.json", signing.closing, name="closing"),
    path("signatures/<int:signature_id>.p7s", signing.signature, name="signature"),
    path("decisions/", akimat_decisions.decision_list, name="akimat_decisions"),
    path("sittings/<int:sitting_id>/decision/", akimat_decisions.enter, name="akimat_decision_enter"),
    path(
        "decisions/<int:akimat_decision_id>/publish/",
        akimat_decisions.publish,
        name="akimat_decision_publish",
    ),
    path("decisions/<int:akimat_decision_id>/scan/", akimat_decisions.scan, name="akimat_decision_scan"),
    path("contracts/", tenancies.tenancy_list, name="tenancies"),
    path("offers/<int:offer_id>/contract/", tenancies.conclude, name="tenancy_conclude"),
    path("contracts/<int:tenancy_id>/", tenancies.tenancy_page, name="tenancy"),
    path("contracts/<int:tenancy_id>/contract-<str:language>.pdf", tenancies.paper, name="tenancy_paper"),
    path("contracts/<int:tenancy_id>/keys/", tenancies.hand_keys, name="tenancy_keys"),
    path("contracts/<int:tenancy_id>/annul/", tenancies.annul, name="tenancy_annul"),
]
