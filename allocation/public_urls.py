"""Addresses of the distribution's public pages, below the language's prefix."""

from django.urls import path

from allocation.views import offer_answers, public, register_check

app_name = "allocation_public"
urlpatterns = [
    path("offer/", offer_answers.page, name="offer"),
    path("register-check/", register_check.board, name="register_check"),
    path("rounds/", public.round_list, name="rounds"),
    path("rounds/<int:round_id>/", public.round_page, name="round"),
    path("rounds/<int:round_id>/bundle.zip", public.bundle, name="bundle"),
    path("rounds/<int:round_id>/protocol.pdf", public.protocol, name="protocol"),
]
