"""An open round is changed, and an open offer taken back, in a real browser, in both languages."""

import pytest
from django.utils import timezone, translation

from allocation.models import Offer
from housing_queue import founding
from tests import factories
from tests.browser import assert_usable
from tests.desk_steps import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def someone(town, new_page, live_server):
    """A page of somebody of staff in a language, and the words of that language."""

    def at_the_desk(name, language, width):
        page = sign_in(new_page(base_url=live_server.url, width=width), name, town.passwords[name])
        if language == "ru":
            page.get_by_role("button", name="Русский").click()

        def words(text, **figures):
            with translation.override(language):
                return translation.gettext(text) % figures

        return page, words

    return at_the_desk


@pytest.mark.parametrize(("language", "width"), [("kk", 360), ("ru", 1280)])
def test_homes_are_added_and_a_quota_is_corrected_before_the_freeze(town, someone, language, width):
    first, second = factories.ready(town, 2)
    opened = factories.open_round(town, [first], quotas=factories.ONE_BY_PROGRAM)
    page, words = someone("secretary", language, width)
    page.goto(f"/desk/rounds/{opened.pk}/")

    page.get_by_role("link", name=words("Add homes"), exact=True).click()
    assert_usable(page)
    page.get_by_role("button", name=words("Put them into the round")).click()
    page.get_by_role("link", name=words("Choose at least one home")).click()
    page.get_by_label(second.number).check()
    page.get_by_role("button", name=words("Put them into the round")).click()
    page.get_by_text(words("The homes are put into the round.")).wait_for()

    page.get_by_text(words("Homes that programs give")).click()
    page.get_by_label(words("Homes for list %(number)s by the program", number="3")).fill("0")
    assert_usable(page)
    page.locator(f"form[action='/desk/rounds/{opened.pk}/quotas/'] button").click()
    page.get_by_text(words("The quotas are set.")).wait_for()

    opened.refresh_from_db()
    assert opened.quotas["3"]["dwellings"] == 0
    assert {row.dwelling for row in opened.round_dwellings.all()} == {first, second}


@pytest.mark.parametrize(("language", "width"), [("ru", 360), ("kk", 1280)])
def test_a_faulty_home_is_taken_back_from_the_page_of_its_round(town, someone, language, width):
    factories.waiting(town)
    decision = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    offer = Offer.objects.get()
    page, words = someone("supervisor", language, width)
    page.goto(f"/desk/rounds/{decision.sitting.run.round_id}/")

    page.get_by_text(words("Take an offer back")).click()
    page.get_by_role("link", name=offer.entry.file_number).first.click()
    page.get_by_label(words("A fault was found in the home: nobody gets it until it is put right")).check()
    assert_usable(page)
    page.get_by_role("button", name=words("Take the offer back")).click()
    page.get_by_text(words("There is a problem")).wait_for()
    assert_usable(page)
    page.get_by_label(words("Reason"), exact=True).fill("Mold")
    page.get_by_label(words("Document"), exact=True).fill("Act No 3")
    page.get_by_role("button", name=words("Take the offer back")).click()
    page.get_by_text(words("The offer is taken back. The household keeps its place and is told.")).wait_for()

    offer.refresh_from_db()
    assert (offer.state, offer.dwelling.state) == ("WITHDRAWN", "BUILDING")
