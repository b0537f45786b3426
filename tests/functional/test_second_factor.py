"""The second step of the sign-in in a real browser: a telephone is tied; codes of it and of paper let in."""

import re

import pytest
from django.utils import timezone

from housing_queue import founding
from queue_registry.models import User
from tests import factories
from tests.browser import assert_usable
from tests.desk_steps import kk, press
from tests.second_factor import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(transactional_db, settings):
    settings.DEMO = settings.SECOND_FACTOR = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


def give_password(page, town, name):
    page.goto("/desk/")
    page.get_by_label(kk("User name")).fill(name)
    page.get_by_label(kk("Password")).fill(town.passwords[name])
    press(page, "Sign in")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_chair_ties_a_telephone_and_comes_back_with_a_code_and_with_paper(
    town, new_page, live_server, width
):
    chair = User.objects.get(username="chair")
    page = new_page(base_url=live_server.url, width=width)
    give_password(page, town, "chair")
    page.wait_for_url("**/desk/second-factor/new/*")
    assert_usable(page)
    page.get_by_label(kk("Code of the second step")).fill("12")
    press(page, "Tie the telephone")
    page.get_by_role("alert").wait_for()
    assert_usable(page)

    page.get_by_label(kk("Code of the second step")).fill(code_of(chair))
    press(page, "Tie the telephone")
    page.get_by_text(kk("I have kept the codes")).wait_for()
    assert_usable(page)
    paper = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", page.inner_text("main")).group()
    page.get_by_text(kk("I have kept the codes")).click()
    page.wait_for_url("**/admin/allocation/sitting/")

    for code in (code_of(chair), paper):
        press(page, "Sign out")
        give_password(page, town, "chair")
        page.wait_for_url("**/desk/second-factor/*")
        assert_usable(page)
        page.get_by_label(kk("Code of the second step")).fill(code)
        page.get_by_label(kk("Code of the second step")).press("Enter")
        page.wait_for_url("**/admin/allocation/sitting/")
    page.goto("/desk/second-factor/")
    assert "9" in page.inner_text("main")
    assert_usable(page)
