"""What all tests share: a real browser where there is one, real processes on the tests' own database."""

import os
from collections.abc import Iterator

import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests.passing import set_clock_back

# Playwright's calls run a loop in the test's thread, and Django would refuse the database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytest_plugins = ["tests.browser", "tests.running", "tests.order"]

# The same examples on every run of the same code, and no deadline: two cores are shared by everything else.
settings.register_profile(
    "kezek", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# For a night's search: ./test --hypothesis-profile=search
settings.register_profile(
    "search", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kezek")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden texts are written anew only when somebody asks for it."""
    parser.addoption("--renew-golden", action="store_true", help="write the texts of tests/data/golden anew")


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """The language of a page that one test reads is not the language of the next test."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    """What a test lets pass has not passed for the next."""
    yield
    set_clock_back()


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> None:
    """Counters of attempts, circuits and other short memories do not leak from one test into the next."""
    has_database = request.node.get_closest_marker("django_db") is not None
    if has_database or {"db", "transactional_db", "client", "live_server"} & set(request.fixturenames):
        from django.core.cache import cache

        cache.clear()
