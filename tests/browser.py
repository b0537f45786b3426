"""
A real Chromium, driven by Playwright: the fixtures `browser`, `new_page` and `page`, and what pages must be.

A page that complains on its console (an error of a script, a thing that the content security policy refused,
a part that is not there) fails the test that opened it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# The one that is installed by Debian's package; Playwright's own download needs a network.
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

_AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for a process of tests; each test gets a context of its own through `new_page`."""
    if _CHROMIUM is None:
        reason = "Chromium is not installed (apt-get install chromium)"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from django.db import connections
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield chromium
        chromium.close()
        # Beside Playwright's running loop Django has connections of its own, which nobody finds later.
        connections.close_all()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page for one more person: new_page(width=360, javascript=False, locale="ru")."""
    contexts = []
    complaints: list[str] = []

    def open_page(
        *,
        width: int = 1280,
        height: int = 900,
        javascript: bool = True,
        locale: str = "kk",
        base_url: str | None = None,
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale=locale,
            base_url=base_url,
        )
        context.set_default_timeout(10_000)
        context.on("page", lambda opened: _listen(opened, complaints))
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _listen(page: Any, complaints: list[str]) -> None:
    def on_message(message: Any) -> None:
        # The answer to a refused form is a page with a status of its own, and no complaint.
        refused = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
        if message.type in {"error", "warning"} and not refused:
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", on_message)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))


def assert_usable(page: Any) -> None:
    """Nothing keeps people with assistive technology out, and the page does not scroll sideways."""
    # A page that looks again by itself may be on its way at this moment.
    page.wait_for_function("() => document.documentElement && document.readyState === 'complete'")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px wider than its window"
    page.evaluate(_AXE.read_text())
    violations = page.evaluate(
        "async () => (await axe.run()).violations.map("
        "  one => one.id + ': ' + one.nodes.map(node => node.target).join('; '))"
    )
    assert violations == [], page.url


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """One person's page on a screen of 1280 by 900."""
    return new_page()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where a test puts screenshots: in the folder that PICTURES names, else in a passing one."""
    folder = Path(os.environ.get("PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
