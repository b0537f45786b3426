"""How a round is decided stands where people look: public page, commission's desk, API, protocol."""

import html
import json

import pgtrigger
import pytest
from django.utils import translation

from allocation import presenters
from allocation.models import AllocationRound
from allocation.services import protocols
from tests import factories

pytestmark = pytest.mark.django_db
MODES = sorted(AllocationRound.Mode)


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


@pytest.fixture
def decided(town, mode):
    """A decided round, as if it had been opened in a mode."""
    homes = factories.register(town).homes
    sitting = factories.confirmed(town, homes, quotas=factories.ONE_BY_PROGRAM).sitting
    with pgtrigger.ignore("allocation.AllocationRound:mode_as_opened"):
        AllocationRound.objects.update(mode=mode)
    return sitting


def told(text, language="kk"):
    """Modes whose words stand in a text."""
    with translation.override(language):
        return [mode for mode in MODES if presenters.mode(mode) in html.unescape(text)]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_public_page_and_the_protocol_say_how_the_round_is_decided(client, decided, mode, language):
    page = client.get(f"/{language}/rounds/{decided.run.round_id}/")
    document = protocols.document(decided, language)

    assert told(page.content.decode(), language) == [mode]
    assert told(json.dumps(document["sections"], ensure_ascii=False), language) == [mode]


def test_the_commission_sees_it_before_it_votes(visit, decided, mode):
    page = visit("member2").get(f"/admin/allocation/sitting/{decided.pk}/change/")

    assert told(page.content.decode()) == [mode]


def test_other_systems_read_it_in_the_list_and_of_one_round(client, decided, mode):
    one = client.get(f"/api/v1/rounds/{decided.run.round_id}/").json()
    (listed,) = client.get("/api/v1/rounds/").json()["results"]

    assert (one["mode"], listed["mode"]) == (mode, mode)
