"""
The whole way of an akimat's old lists in a real browser: from three uploaded files to the open gate, and a
citizen's receipt that plain Python verifies.
"""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from housing_queue import founding
from integrations.models import CheckRequest
from queue_registry import tasks
from queue_registry.models import Application, ImportBatch, ImportCase, ListSeal, MatchGroup, QueueEntry
from queue_registry.rules.digitization.gate import Light
from queue_registry.rules.invariants import Invariant
from queue_registry.selectors import clock, invariants
from queue_registry.selectors.gate import get_gate
from queue_registry.views import look_up_limits
from tests import desk_steps as steps
from tests import factories
from tests.desk_steps import kk, press, settle
from tests.unit.queue_registry.legacy.lists import workbook
from tests.unit.queue_registry.services import gating
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, DANA, NAMES, known, rshep, spp

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ELENA = factories.invented_iin(7_004)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIELDS = ("ordinal", "name", "iin", "date", "category", "note")
# A clerk's own words for the columns; two notes to read, a category of no list, Anna once more without her
# number, and a total of one too many.
PAPER = [
    ["N", "Кто", "Номер", "Когда", "Кем является", "Что еще"],
    [1, NAMES[BOTA], BOTA, "12.03.2010", "Общая очередь", None],
    [2, NAMES[DANA], DANA, "12.03.2011", "Пенсионер", "см. дело"],
    [3, "Ойдан Елена", ELENA, "14.03.2011", "Пенсионер", "переведена"],
    [4, NAMES[ANNA], None, "03.04.2015", "Пенсионер", None],
    [None, "Итого", 5],
]


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    """An akimat without lists; the registers know its people, and the trail was sealed the day before."""
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    known(ANNA, BOTA, DANA)
    known(ELENA, name="Ойдан Елена")
    gating.head_sealed(made)
    return made


@pytest.fixture
def people(town, new_page, live_server):
    """The browser of somebody of staff, signed in when it is first asked for: people("clerk")."""
    pages = {}

    def page_of(name):
        if name not in pages:
            pages[name] = steps.sign_in(new_page(base_url=live_server.url), name, town.passwords[name])
        return pages[name]

    return page_of


@pytest.fixture
def show(pictures):
    return lambda page, name: steps.show(page, pictures, f"digitization-{name}")


def upload(page, source, name, content, kind="text/csv"):
    page.goto("/desk/imports/uploads/")
    page.locator("[name=source]").select_option(source)
    page.locator("[name=file]").set_input_files({"name": name, "mimeType": kind, "buffer": content})
    page.locator("[name=consent_document]").fill("Consents in the files of the list")
    press(page, "Upload")
    page.wait_for_url("**/desk/imports/uploads/*/")


def correct_columns(page):
    """Nobody but a person can tell what these columns hold."""
    expect(page.get_by_text(kk("No column is read as:"))).to_be_visible()
    for index, field in enumerate(FIELDS):
        page.locator(f"[name='s0-c{index}']").select_option(field)
    press(page, "Keep the columns and read again")
    expect(page.get_by_text(kk("No column is read as:"))).to_have_count(0)


def put_in(page, *, rows):
    """Try the file out, which writes nothing, and put it in; the background reads it."""
    press(page, "Try it out: write nothing")
    expect(
        page.get_by_text(kk("%(rows)s rows, from what the registers have said so far.", rows=rows))
    ).to_be_visible()
    before = ImportBatch.objects.count()
    press(page, "Put the file in")
    page.get_by_role("progressbar").wait_for()
    assert ImportBatch.objects.count() == before
    tasks.take_in_uploads()
    assert ImportBatch.objects.count() == before + 1


def confirm_all(clerk, supervisor, show):
    """Who put the files in can't confirm them; the second person does."""
    clerk.goto("/desk/imports/")
    expect(clerk.get_by_role("button", name=kk("Confirm"))).to_have_count(0)
    supervisor.goto("/desk/imports/")
    show(supervisor, "imports")
    for name in ("spp.csv", "rshep.csv", "paper.xlsx"):
        supervisor.get_by_role("button", name=kk("Confirm %(name)s", name=name)).click()
        supervisor.get_by_role("progressbar").first.wait_for()
    assert not ImportBatch.objects.exclude(confirmed_at=None).exists()
    tasks.carry_out_import_orders()
    expect(supervisor.get_by_role("progressbar")).to_have_count(0)
    assert not ImportBatch.objects.filter(confirmed_at=None).exists()
    # The registers have answered: see `known`.
    CheckRequest.objects.update(state="ANSWERED", closed_at=clock.now())
    tasks.find_matches()


def resolve_match(page, show):
    """The paper row without a number is Anna's: a proposal with its reasons, decided by a document."""
    page.goto("/desk/matches/")
    page.locator(f"main a[href='/desk/matches/{MatchGroup.objects.get().pk}/']").click()
    show(page, "match")
    page.locator("[name=outcome][value=SAME]").check()
    page.locator("[name=document]").fill("Identity card, copy in file 12")
    press(page, "Write down and go on")
    page.get_by_role("status").wait_for()
    settle()
    assert MatchGroup.objects.get().outcome == MatchGroup.Outcome.SAME


def decide_many(page, show):
    """Two notes are the same case: one answer for both."""
    page.goto("/desk/imports/cases/?code=NOTE_TO_READ")
    show(page, "cases")
    for box in page.locator("[name=chosen]").all():
        box.check()
    page.locator("[name='note_to_read-answer']").select_option("accepted")
    page.locator("[name='note_to_read-reason']").fill("Compared")
    page.locator("[name='note_to_read-document']").fill("Journal of 2011")
    press(page, "Decide the chosen cases")
    page.get_by_role("status").wait_for()
    settle()
    assert not ImportCase.objects.filter(code="NOTE_TO_READ", closed_at=None).exists()


def decide_day(clerk, supervisor, show):
    """Anna's two days: a clerk decides by the document, a second person approves."""
    anna = Application.objects.get(applicant__iin=ANNA)
    clerk.goto(f"/desk/imports/cases/{anna.pk}/")
    show(clerk, "case")
    steps.answer(clerk, "DATE_CONFLICT", day="2015-04-03")
    clerk.get_by_role("status").wait_for()
    settle()
    assert QueueEntry.objects.get(applicant__iin=ANNA).registered_at.year == 2019
    supervisor.goto("/desk/imports/decisions/")
    press(supervisor, "Approve the day")
    supervisor.get_by_role("status").wait_for()
    settle()
    assert QueueEntry.objects.get(applicant__iin=ANNA).registered_at.year == 2015


def approve_categories(clerk, approvers):
    clerk.goto("/desk/mapping/draft/")
    steps.draft_mapping(clerk, "Общая очередь", number="4")
    assert not QueueEntry.objects.filter(applicant__iin=BOTA).exists()
    for approver in approvers:
        steps.approve_mapping(approver, clerk.url)
    settle()
    assert QueueEntry.objects.get(applicant__iin=BOTA).waiting_list.number == "4"


def close_reconciliation(clerk, supervisor, show):
    """Every line that figures don't explain is explained by one person and approved by another."""
    clerk.goto("/desk/reconciliation/")
    show(clerk, "reconciliation")
    lines = clerk.locator("form[action$='/reconciliation/explain/']")
    left = lines.count()
    assert left
    while left:
        clerk.locator("details summary").first.click()
        lines.first.locator("[name=explanation]").fill("Compared with the journal")
        lines.first.locator("[name=document]").fill("Act of comparison No 3")
        lines.first.locator("button").click()
        left -= 1
        expect(lines).to_have_count(left)
    supervisor.goto("/desk/reconciliation/")
    approvals = supervisor.locator("button[name=step][value=approve]")
    for waiting in range(approvals.count(), 0, -1):
        approvals.first.click()
        expect(approvals).to_have_count(waiting - 1)


def compare_sample(supervisor, second, show):
    supervisor.goto("/desk/samples/")
    press(supervisor, "Draw")
    supervisor.wait_for_url("**/desk/samples/*/")
    entries = QueueEntry.objects.active().count()
    steps.compare_by_keyboard(second, supervisor.url, entries=entries, show=lambda name: show(second, name))


def test_from_the_upload_of_old_lists_to_the_open_gate_and_a_verified_receipt(
    town, people, new_page, live_server, show, pictures, tmp_path
):
    clerk, supervisor = people("clerk"), people("supervisor")
    upload(clerk, "spp", "spp.csv", spp(("A-1", ANNA, "2019-05-06T10:00:00", 4)).content)
    put_in(clerk, rows=1)
    upload(clerk, "rshep", "rshep.csv", rshep(("7", ANNA, "03.04.2015", 4)).content)
    put_in(clerk, rows=1)
    upload(clerk, "paper", "paper.xlsx", workbook(PAPER), XLSX)
    show(clerk, "upload")
    correct_columns(clerk)
    put_in(clerk, rows=4)
    confirm_all(clerk, supervisor, show)
    supervisor.goto("/desk/gate/")
    assert get_gate(town.akimat, at=clock.now()).light is Light.RED

    resolve_match(clerk, show)
    decide_many(clerk, show)
    decide_day(clerk, supervisor, show)
    approve_categories(clerk, [supervisor, people("secretary")])
    assert not ImportCase.objects.filter(closed_at=None).exists()
    close_reconciliation(clerk, supervisor, show)
    standing = list(QueueEntry.objects.active())
    assert {entry.applicant.iin for entry in standing} == {ANNA, BOTA, DANA, ELENA}
    gating.checked_lately(town, standing, at=clock.now())
    compare_sample(supervisor, people("clerk2"), show)
    chair = people("chair")
    steps.open_gate(supervisor, chair, show=lambda name: show(chair, name))

    public = new_page(base_url=live_server.url, javascript=False)
    public.goto("/kk/seals/")
    root = ListSeal.objects.get().root
    expect(public.get_by_text(kk("Green: open"))).to_be_visible()
    expect(public.get_by_text(root)).to_be_visible()
    anna = QueueEntry.objects.get(applicant__iin=ANNA)
    receipt = tmp_path / "receipt.json"

    def photograph(name):
        public.screenshot(path=pictures / f"digitization-{name}.png", full_page=True)

    steps.take_receipt(public, file_number=anna.file_number, iin=ANNA, to=receipt, show=photograph)
    assert anna.file_number in steps.verified(receipt, root=root)
    assert get_gate(town.akimat, at=clock.now()).light is Light.GREEN
    # Yesterday's seal was planted, so that a sample could be drawn: it is found, and nothing else.
    assert [found.invariant for found in invariants.impossible()] == [Invariant.TRAIL]
