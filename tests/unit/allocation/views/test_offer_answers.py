"""The household's own page of its offer: two numbers, a code by SMS, the answer; nothing personal is left."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from lxml import html

from allocation.models import Offer
from queue_registry.models import AuditEvent
from queue_registry.notices.fake import FakeProvider
from queue_registry.selectors import clock
from queue_registry.views import look_up_limits
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.sending import reached

ADDRESS = "/kk/offer/"


@pytest.fixture(autouse=True)
def _installation(settings, tmp_path, monkeypatch):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def offer(town):
    for day in (1, 2):
        reached(town, factories.waiting(town, day=day))
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40", finish="ROUGH"))
    return Offer.objects.get()


def post(**fields):
    return Client().post(ADDRESS, fields)


def look_up(offer, iin=None):
    return post(file_number=offer.entry.file_number, iin=iin or offer.entry.applicant.iin)


def token_in(page):
    return html.fromstring(page.content.decode()).xpath("string(//input[@name='token']/@value)")


def code_after(page):
    """Ask for a code on a page, and read it from the telephone."""
    sent = post(token=token_in(page), send="first")
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    codes = [code for text in texts for code in re.findall(r"\b\d{6}\b(?!-)", text)]
    return sent, codes[-1]


def test_the_home_is_shown_with_all_its_facts_and_the_last_day(offer, says):
    page = look_up(offer)

    shown = page.content.decode()
    assert says(page, "rough finish")
    assert says(page, "Working days left after today: %(days)s", days=5)
    assert says(page, "If you refuse, you keep your place, and the home goes to the next family.")
    assert offer.dwelling.address_kk in shown
    assert (page.headers["Cache-Control"], page.cookies) == ("no-store", {})
    assert offer.entry.applicant.iin not in shown
    assert offer.entry.applicant.last_name not in shown


def test_wrong_pairs_get_the_same_bytes(town, offer):
    other = Offer.objects.get().application.akimat.entries.exclude(pk=offer.entry_id).get()

    pages = [look_up(offer, iin=other.applicant.iin), look_up(offer, iin=factories.invented_iin(9_999))]

    assert {page.content for page in pages} == {pages[0].content}
    assert not token_in(pages[0])


def test_an_acceptance_with_the_code_is_the_household_s_own(offer, says):
    page, code = code_after(look_up(offer))

    done = post(token=token_in(page), answer="ACCEPT", code=code)

    assert says(
        done, "Your acceptance is recorded. The home is kept for you; the akimat calls you for the contract."
    )
    offer.refresh_from_db()
    assert (offer.state, offer.channel, offer.answered_by) == ("ACCEPTED", "CITIZEN", None)
    assert offer.entry.status == "OFFERED"
    record = AuditEvent.objects.get(event="offer.accepted")
    assert (record.actor, record.data["channel"]) == ("citizen", "CITIZEN")


def test_a_refusal_calls_the_reserve(offer):
    page, code = code_after(look_up(offer))

    post(token=token_in(page), answer="UNFIT", reason="Тар", code=code)

    offer.refresh_from_db()
    assert (offer.state, offer.reason, offer.unfit_claimed, offer.is_unfit) == (
        "REFUSED",
        "Тар",
        True,
        False,
    )
    assert Offer.objects.get(call=1).state == Offer.State.OPEN


def test_a_refusal_says_why(offer, says):
    page, code = code_after(look_up(offer))

    answer = post(token=token_in(page), answer="REFUSE", reason=" ", code=code)

    assert says(answer, "Say in a few words why you refuse")
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


def test_a_wrong_code_is_counted_and_changes_nothing(offer, says):
    page, code = code_after(look_up(offer))
    wrong = "000000" if code != "000000" else "000001"

    answer = post(token=token_in(page), answer="ACCEPT", code=wrong)

    assert answer.status_code == 409
    assert says(answer, "The code is wrong. Tries left: %(left)s", left=4)
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN
    assert offer.application.one_time_codes.get().tries == 1


def test_a_token_that_was_not_given_out_leads_nowhere(offer, says):
    answer = post(token="forged", answer="ACCEPT", code="123456")

    assert says(answer, "Too much time has passed. Enter both numbers again.")
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


def test_after_the_last_day_nobody_accepts_and_the_code_is_not_used_up(offer, says, monkeypatch):
    page, code = code_after(look_up(offer))
    Offer.objects.filter(pk=offer.pk).update(answer_by=date(2026, 8, 31))

    answer = post(token=token_in(page), answer="ACCEPT", code=code)

    assert answer.status_code == 409
    assert says(answer, "The last day to answer this offer is over.")
    assert offer.application.one_time_codes.get().used_at is None


def test_who_has_no_offer_is_told_so(town, says):
    entry = factories.waiting(town)

    page = post(file_number=entry.file_number, iin=entry.applicant.iin)

    assert says(page, "No home is waiting for your answer at the moment.")


def test_the_page_of_the_place_leads_to_the_offer(offer, says):
    place = Client().post("/kk/", {"file_number": offer.entry.file_number, "iin": offer.entry.applicant.iin})

    assert says(post(token=token_in(place)), "Send me a code")
