"""
The pages of the docs' pictures, in Kazakh and Russian, on a telephone and on a screen, each usable as it
stands there. They are taken anew by

    PICTURES=docs/pictures ./test tests/functional/test_kept_pictures.py -n0
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from housing_queue import founding
from queue_registry.models import Akimat
from queue_registry.rules.certificates import shown
from queue_registry.rules.reasons import RemovalGround, ReviewSource
from queue_registry.selectors import clock
from queue_registry.services import certificates, reviews
from queue_registry.views import look_up, look_up_limits
from tests import factories, pictures, situations
from tests.browser import assert_usable
from tests.factories import AT
from tests.public_states import PLENTY, State
from tests.unit.queue_registry.publishing import house, of_category
from tests.unit.queue_registry.services.intaking import filed
from tests.unit.queue_registry.services.moving import notified, proposed, removed

KEPT = Path(__file__).parents[2] / "docs" / "pictures"
LANGUAGES, WIDTHS = ("kk", "ru"), (360, 1280)
PUBLIC = ("my-place", "my-data", "certificate", "ladder", "round", "housed", "country")
DESK = ("sitting", "work", "case", "moves")
QUOTA = {"3": {"dwellings": 1, "document": "№ 8, 12.03.2026"}}
_MOST_BYTES = 150_000


@pytest.fixture
def town(transactional_db, settings, monkeypatch):
    settings.DEMO, settings.LOOK_UPS_PER_ADDRESS = True, PLENTY
    monkeypatch.setattr(clock, "now", lambda: situations.READ_AT)
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    made = factories.town()
    founding.set_demo_clock(lives_at=situations.READ_AT, machine_now=timezone.now())
    situations.office(made)
    Akimat.objects.create(kato="270000000", name_kk="Ойдан облысы", name_ru="Вымышленная область")
    return made


@pytest.fixture
def household(town):
    """On the fourth list; twelve stand before it."""
    ahead = [factories.waiting(town, number="4", day=day) for day in range(1, 13)]
    mine = factories.waiting(
        town,
        number="4",
        day=20,
        family=(factories.HUSBAND, factories.DAUGHTER),
        facts=[factories.dwelling_owned(share="1/3"), *factories.income(tenge_a_month="32000.50")],
    )
    for entry in (*ahead, mine):
        situations.in_category(town, entry)
    return ahead, mine


@pytest.fixture
def decided(town, household):
    register = factories.register(town)
    return factories.confirmed(town, register.homes, quotas=QUOTA)


@pytest.fixture
def states(town, household, decided):
    ahead, mine = household
    for entry in ahead[1:3]:
        if entry.__class__.objects.get(pk=entry.pk).status == "WAITING":
            house(town, entry)
    removed(town, ahead[5], ground=RemovalGround.MOVED_AWAY)
    opened = reviews.open_on_removal(
        case_id=removed(town, ahead[6], ground=RemovalGround.MOVED_AWAY).pk,
        source=ReviewSource.COURT,
        claim="The flat is my brother's",
        document="Claim No 4",
        by=town.clerk,
        at=situations.CONTESTED_AT,
    )
    reviews.overturn(
        review_id=opened.pk,
        decision="Decision of the court No 7",
        by=town.chair,
        at=situations.CONTESTED_AT + timedelta(hours=1),
    )
    for entry in of_category(town, "military", 12, first_day=30):
        house(town, entry)
    issued, _ = certificates.issue(application_id=mine.application_id, language="kk", at=AT)
    pair = {"file_number": mine.file_number, "iin": mine.applicant.iin}
    typed = {"akimat": str(town.akimat.pk), "on": "2026-09-01", "members": "3", "income_1": "1 250 000,50"}
    return {
        "my-place": State(name="my-place", address="", sent=pair),
        "my-data": State(
            name="my-data", address="my-data/", sent={"pass": look_up.pass_of(mine.application_id)}
        ),
        "certificate": State(name="certificate", address=f"certificate/?code={shown(issued.code)}"),
        "ladder": State(name="ladder", address="ladder/", sent=typed),
        "round": State(name="round", address=f"rounds/{decided.sitting.run.round_id}/"),
        "housed": State(name="housed", address="open-data/"),
        "country": State(name="country", address="country/"),
    }


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_of_the_pictures_are_usable(states, new_page, live_server, tmp_path):
    for language in LANGUAGES:
        for width in WIDTHS:
            page = new_page(width=width, locale=language)
            for name in PUBLIC:
                states[name].open(page, live_server.url, language)
                # How the place moved is folded away.
                page.evaluate("document.querySelectorAll('details.kz-chart').forEach(one => one.open = true)")
                assert_usable(page)
                _take(page, f"{name}-{language}-{width}.png", tmp_path)


@pytest.fixture
def desk(town, household, decided, settings, tmp_path):
    """Every page of staff in the pictures: who opens it, and its address."""
    settings.MEDIA_ROOT = tmp_path / "media"
    ahead, mine = household
    for _ in range(3):
        filed(town)
    proposed(town, ahead[7])
    notified(town, ahead[6])
    contested = removed(town, ahead[5], ground=RemovalGround.MOVED_AWAY)
    reviews.open_on_removal(
        case_id=contested.pk,
        source=ReviewSource.CITIZEN,
        claim="Қаладан көшкен жоқпын",
        document="Шағым № 4",
        by=town.clerk,
        at=situations.CONTESTED_AT,
    )
    return {
        "sitting": (town.secretary, f"admin/allocation/sitting/{decided.sitting_id}/change/"),
        "work": (town.clerk, "desk/work/"),
        "case": (town.clerk, f"desk/applications/{mine.application_id}/"),
        "moves": (town.clerk, f"desk/entries/{mine.pk}/moves/"),
    }


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", DESK)
def test_the_pages_of_staff_of_the_pictures_are_usable(client, desk, new_page, live_server, tmp_path, name):
    who, address = desk[name]
    client.force_login(who)
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    for language in LANGUAGES:
        for width in WIDTHS:
            page = new_page(width=width, locale=language)
            cookies = {
                django_settings.SESSION_COOKIE_NAME: session,
                django_settings.LANGUAGE_COOKIE_NAME: language,
            }
            page.context.add_cookies(
                [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
            )
            page.goto(f"{live_server.url}/{address}")
            assert page.locator("html").get_attribute("lang") == language
            assert_usable(page)
            _take(page, f"{name}-{language}-{width}.png", tmp_path)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_table_of_regions_stands_whole_on_a_screen_with_the_figures_of_the_country(
    states, new_page, live_server, language
):
    page = new_page(width=1280, locale=language)
    states["country"].open(page, live_server.url, language)
    # Nearly a million wait in the whole country.
    page.evaluate(
        "() => document.querySelectorAll('.kz-bars--many td.kz-number')"
        ".forEach(one => one.textContent = '188\u00a0888')"
    )

    wider = "() => [...document.querySelectorAll('.kz-scroll')].map(one => one.scrollWidth - one.clientWidth)"
    assert set(page.evaluate(wider)) == {0}


@pytest.mark.parametrize("name", [*PUBLIC, *DESK])
def test_every_picture_is_kept_in_both_languages_and_widths_and_is_small(name):
    for language in LANGUAGES:
        for width in WIDTHS:
            content = (KEPT / f"{name}-{language}-{width}.png").read_bytes()

            assert content.startswith(b"\x89PNG")
            assert int.from_bytes(content[16:20]) == width
            assert len(content) < _MOST_BYTES


def _take(page, name, passing):
    folder = Path(os.environ.get("PICTURES") or passing)
    folder.mkdir(parents=True, exist_ok=True)
    pictures.keep(page, folder / name)
