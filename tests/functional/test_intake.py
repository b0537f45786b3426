"""A clerk's whole way with one application in a real browser: by the keyboard alone, and with a refusal."""

import pytest
from django.utils import timezone, translation

from housing_queue import founding
from queue_registry.models import Application, Intake, QueueEntry
from tests import factories
from tests.browser import assert_usable
from tests.unit.queue_registry.services.intaking import PDF, filed, known_worker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_MOST_TABS = 90


def kk(text, **figures):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text) % figures


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path / "media"
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def clerk(town, new_page, live_server):
    """A clerk's browser, signed in without a mouse: clerk(javascript=False)."""

    def sign_in(**screen):
        page = new_page(base_url=live_server.url, **screen)
        # From now on Playwright answers for the dialog of files; told at the dialog it would be too late.
        page.on("filechooser", lambda _chooser: None)
        page.goto("/desk/")
        tab_to(page, page.get_by_label(kk("User name")))
        page.keyboard.type("clerk")
        page.keyboard.press("Tab")
        page.keyboard.type(town.passwords["clerk"])
        page.keyboard.press("Enter")
        page.get_by_role("button", name=kk("Sign out")).wait_for()
        return page

    return sign_in


def tab_to(page, locator):
    """Press Tab until the element has the focus; fail if the keyboard does not lead there."""
    element = locator.element_handle()
    for _ in range(_MOST_TABS):
        if element.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{locator} cannot be reached by Tab")


def choose(page, label, value):
    """Choose an option of a select by its keys."""
    field = page.get_by_label(kk(label), exact=True)
    tab_to(page, field)
    options = field.evaluate("node => [...node.options].map(one => one.value)")
    for _ in range(options.index(value) - field.evaluate("node => node.selectedIndex")):
        page.keyboard.press("ArrowDown")
    assert field.input_value() == value


def fill(page, label, text):
    tab_to(page, page.get_by_label(kk(label), exact=True))
    page.keyboard.type(text)


def press(page, text):
    """Reach a button by Tab and press Enter, until the next page is there."""
    button = page.get_by_role("button", name=kk(text), exact=True)
    tab_to(page, button)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press_access_key(page, key):
    """
    Alt and a letter, until the next page is there; Playwright's own strokes carry no letter beside Alt.
    """
    stroke = {
        "type": "keyDown",
        "modifiers": 1,
        "key": key,
        "code": f"Key{key.upper()}",
        "windowsVirtualKeyCode": ord(key.upper()),
        "unmodifiedText": key,
    }
    with page.expect_navigation():
        page.context.new_cdp_session(page).send("Input.dispatchKeyEvent", stroke)


def focused(page):
    return page.evaluate("document.activeElement.className")


def test_an_application_is_entered_and_accepted_by_the_keyboard_alone(town, clerk, pictures):
    person = factories.PersonFactory(last_name="О'Ұлықбан-Өмірбекова", first_name="Әсел")
    page = clerk()
    press_access_key(page, "n")
    fill(page, "IIN of the applicant", "000000000000")
    press(page, "Begin")
    assert "govuk-error-summary" in focused(page)
    assert_usable(page)
    field = page.get_by_label(kk("IIN of the applicant"), exact=True)
    tab_to(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.type(person.iin)
    press(page, "Begin")
    assert person.iin not in page.url

    press(page, "File the application")
    assert "govuk-error-summary" in focused(page)
    choose(page, "How it was given", "PAPER")
    fill(page, "Evidence", "№ 7 нысан")
    press(page, "Record the consent")
    choose(page, "List and category", "5:budget_worker")
    press(page, "Choose")

    # The registers answer while the clerk looks at the page.
    factories.answer_everything(person, facts=[factories.status(*factories.GROUNDS["5"])])
    page.get_by_text("02.1991").or_(page.get_by_text("1991")).first.wait_for()

    choose(page, "Document", "APPLICATION")
    fill(page, "Its name, number and date", "Өтініш № 5, 01.09.2026")
    tab_to(page, page.get_by_label(kk("Scan"), exact=True))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files({"name": "өтініш.pdf", "mimeType": "application/pdf", "buffer": PDF})
    press(page, "Add the document")
    assert_usable(page)
    page.screenshot(path=pictures / "intake.png", full_page=True)
    press_access_key(page, "s")

    application = Application.objects.get()
    page.get_by_text(application.file_number).first.wait_for()
    assert application.status == "PENDING"
    press(page, "Register the household")
    entry = QueueEntry.objects.get()
    page.get_by_text("1 / 1").wait_for()
    assert (entry.file_number, entry.registered_at) == (application.file_number, application.complete_at)
    assert_usable(page)
    page.screenshot(path=pictures / "case.png", full_page=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_application_is_found_in_the_working_list_and_refused(town, clerk, javascript, pictures):
    application = filed(town, known_worker(town, facts=[factories.dwelling_owned(share="1/2")]))
    page = clerk(javascript=javascript)
    press_access_key(page, "w")
    if javascript:
        assert_usable(page)
        page.screenshot(path=pictures / "work.png", full_page=True)
    tab_to(page, page.get_by_label(kk("File number, IIN or name"), exact=True))
    page.keyboard.type(application.applicant.iin)
    press(page, "Search")
    assert page.url.endswith(f"/desk/applications/{application.pk}/")

    press(page, "Register the household")
    page.get_by_text(kk("This was not done")).wait_for()
    press(page, "Refuse")
    page.get_by_text(kk("There is a problem")).wait_for()
    choose(page, "Ground", "OWNS_DWELLING")
    fill(page, "On which document or fact it rests", "ЕГКН үзіндісі, 01.09.2026")
    press(page, "Refuse")

    page.get_by_text("ЕГКН үзіндісі, 01.09.2026").first.wait_for()
    application.refresh_from_db()
    assert (application.status, application.refusal_ground) == ("REFUSED", "OWNS_DWELLING")
    assert QueueEntry.objects.count() == 0


def test_the_pages_fit_a_telephone(town, clerk):
    application = filed(town)
    other = factories.PersonFactory(last_name="Ж" * 120)
    factories.answer_everything(other)
    page = clerk(width=360)
    for address in (
        "/desk/work/",
        "/desk/intakes/",
        f"/desk/applications/{application.pk}/",
        "/desk/search/",
    ):
        page.goto(address)
        assert_usable(page)
    page.goto("/desk/intakes/")
    fill(page, "IIN of the applicant", other.iin)
    press(page, "Begin")
    assert_usable(page)
    assert Intake.objects.filter(application__isnull=True).count() == 1
