"""Steps that people of the desk and citizens take on the pages in a real browser, for several tests."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from queue_registry.models import ImportSettlement
from queue_registry.selectors import clock
from queue_registry.services import settlements
from tests.browser import assert_usable

PROGRAM = settings.BASE_DIR / "static" / "verify_receipt.py"


def kk(text: str, **figures: object) -> str:
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text) % figures


def sign_in(page: Any, name: str, password: str) -> Any:
    """Sign somebody of staff in by the page."""
    page.goto("/desk/")
    page.get_by_label(kk("User name")).fill(name)
    page.get_by_label(kk("Password")).fill(password)
    page.get_by_role("button", name=kk("Sign in")).click()
    page.get_by_role("button", name=kk("Sign out")).wait_for()
    return page


def press(page: Any, text: str) -> None:
    """Press the button of these words."""
    page.get_by_role("button", name=kk(text), exact=True).click()


def show(page: Any, pictures: Path, name: str) -> None:
    """See that a page is usable, and keep its picture."""
    assert_usable(page)
    page.screenshot(path=pictures / f"{name}-{page.viewport_size['width']}.png", full_page=True)


def answer(page: Any, code: str, **values: str) -> None:
    """Fill in the form of one question of an old list, and send it with the Enter key."""
    for name, value in ({"reason": "Compared", "document": "File 12, page 3"} | values).items():
        box = page.locator(f"[name='{code.lower()}-{name}']")
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    page.locator(f"[name='{code.lower()}-document']").press("Enter")


def settle() -> None:
    """What the background does soon after a decision: it makes the ledgers again."""
    for requested in ImportSettlement.objects.select_related("akimat"):
        assert settlements.settle_due(requested=requested, at=clock.now())


def draft_mapping(page: Any, wording: str, *, number: str) -> None:
    """Propose a table of local categories in which a wording means a list."""
    named = page.locator("[name$='-wording']").evaluate_all(
        "(all, wording) => all.find(one => one.value === wording).name", wording
    )
    page.locator(f"[name='{named.replace('wording', 'number')}']").select_option(number)
    press(page, "Propose the table")
    page.wait_for_url("**/desk/mapping/*/")


def approve_mapping(page: Any, address: str) -> None:
    """Approve the table of local categories that stands at an address."""
    page.goto(address)
    press(page, "Approve the table")
    page.get_by_role("status").wait_for()


def compare_by_keyboard(page: Any, address: str, *, entries: int, show: Callable[[str], None]) -> None:
    """Compare the entries of a sample with their paper files without a mouse: choose, go on, write down."""
    page.goto(address)
    page.get_by_role("link", name=kk("Compare the next entry")).click()
    show("sample-check")
    for _ in range(entries):
        page.locator("input[name=result]").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    show("sample-done")


def open_gate(supervisor: Any, chair: Any, *, show: Callable[[str], None]) -> None:
    """One person seals the lists and proposes, another opens."""
    supervisor.goto("/desk/gate/")
    press(supervisor, "Seal the lists")
    press(supervisor, "Propose to open")
    chair.goto("/desk/gate/opening/")
    show("gate-opening")
    press(chair, "Open the gate")
    chair.get_by_text(kk("Green: open")).wait_for()


def take_receipt(page: Any, *, file_number: str, iin: str, to: Path, show: Callable[[str], None]) -> None:
    """A citizen looks the own place up, and downloads the receipt below it."""
    page.goto("/kk/")
    page.locator("[name=file_number]").fill(file_number)
    page.locator("[name=iin]").fill(iin)
    press(page, "Show my place")
    show("place-with-receipt")
    with page.expect_download() as download:
        page.locator("form[action$='/receipt/'] button").click()
    download.value.save_as(to)


def verified(receipt: Path, *, root: str) -> str:
    """What the citizen sees who checks a receipt at home with nothing but Python."""
    checked = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(receipt), root], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    return checked.stdout
