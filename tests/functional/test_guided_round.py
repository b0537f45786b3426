"""The secretary's way of a round in a real browser: recheck, seal, announcement, what-if, run."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from allocation.models import AllocationRound
from allocation.tasks import carry_out_freeze_orders, execute_requested_runs
from housing_queue import founding
from queue_registry.models import Sweep
from tests import factories
from tests.browser import assert_usable
from tests.unit.queue_registry.services.sweeping import Systems, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The page is made while a recheck and a run are under way beside it.
_PATIENCE = 60_000


class Walker:
    """One person's page, and the words of its language."""

    def __init__(self, page, language):
        self.page, self.language = page, language

    def words(self, text, **figures):
        with translation.override(self.language):
            return translation.gettext(text) % figures

    def press(self, text):
        self.page.get_by_role("button", name=self.words(text), exact=True).click()

    def follow(self, text):
        self.page.get_by_role("link", name=self.words(text), exact=True).click()

    def see(self, text, **figures):
        self.page.get_by_text(self.words(text, **figures)).first.wait_for()


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def secretary(town, new_page, live_server):
    def sign_in(language, width):
        page = new_page(base_url=live_server.url, width=width)
        page.context.set_default_timeout(_PATIENCE)
        page.goto("/desk/")
        page.get_by_label(Walker(page, "kk").words("User name")).fill("secretary")
        page.get_by_label(Walker(page, "kk").words("Password")).fill(town.passwords["secretary"])
        page.get_by_role("button", name=Walker(page, "kk").words("Sign in")).click()
        page.get_by_role("button", name=Walker(page, "kk").words("Sign out")).wait_for()
        if language == "ru":
            page.get_by_role("button", name="Русский").click()
        return Walker(page, language)

    return sign_in


@pytest.mark.parametrize(("language", "width"), [("kk", 360), ("ru", 1280)])
def test_the_secretary_is_guided_from_the_homes_to_the_result(
    town, secretary, new_page, live_server, pictures, language, width
):
    register = factories.register(town)
    opened = factories.open_round(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    me = secretary(language, width)
    me.page.goto(f"/desk/rounds/{opened.pk}/")
    me.see("The round in seven steps")
    assert me.page.locator(".kz-guide > li").count() == 7
    assert_usable(me.page)

    me.press("Begin the recheck")
    me.see("The recheck has begun.")
    sweep = Sweep.objects.get()
    walk(sweep, Systems(), at=factories.AT + timedelta(minutes=2))
    me.page.locator('#recheck [aria-valuenow="100"]').wait_for()
    assert_usable(me.page)

    me.press("Fix candidates and homes")
    me.see("Candidates and homes are being fixed.")
    assert_usable(me.page)
    carry_out_freeze_orders()
    me.page.get_by_role("link", name=me.words("The public announcement of this round")).wait_for()
    me.page.screenshot(path=pictures / f"guided-round-{language}-{width}.png", full_page=True)
    sealed = AllocationRound.objects.get()
    stranger = Walker(new_page(base_url=live_server.url, width=width, locale=language), language)
    stranger.page.context.set_default_timeout(_PATIENCE)
    stranger.page.goto(f"/{language}/rounds/{sealed.pk}/")
    stranger.see("How to see later that nothing was changed")
    stranger.page.get_by_text(sealed.seal["public_input"]).wait_for()
    stranger.page.screenshot(path=pictures / f"announced-{language}-{width}.png", full_page=True)
    assert_usable(stranger.page)

    me.follow("What if: other homes, quotas or another policy")
    assert_usable(me.page)
    for box in me.page.locator('input[name="dwellings"]').all()[2:]:
        box.uncheck()
    me.press("Show the difference")
    me.see("Who would be served, by list")
    me.page.screenshot(path=pictures / f"what-if-{language}-{width}.png", full_page=True)
    assert_usable(me.page)
    assert AllocationRound.objects.get().frozen_at == sealed.frozen_at

    me.follow("To the round")
    me.press("Work the distribution out")
    me.see("A worker will take it in a moment")
    assert_usable(me.page)
    execute_requested_runs()
    me.page.get_by_role("heading", name=me.words("Who was served")).wait_for()
    assert_usable(me.page)
