"""Old lists in a real browser: questions are answered, a day is approved, a table of categories counts."""

import pytest
from django.utils import timezone

from housing_queue import founding
from integrations.models import CheckRequest
from queue_registry.models import Application, ImportCase, QueueEntry
from queue_registry.rules.legacy.codes import Source
from queue_registry.selectors import invariants
from queue_registry.services import imports
from tests import desk_steps as steps
from tests import factories
from tests.browser import assert_usable
from tests.desk_steps import answer, kk, press, settle
from tests.unit.queue_registry.legacy.lists import RU, workbook
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, DANA, NAMES, known, rshep, spp

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIGNED = "Consents in the files of the list"


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    """Old lists in which Anna has two days, Dana a note to read, and Bota a category of no list."""
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    known(ANNA, BOTA, DANA)
    paper = [
        RU,
        [1, NAMES[BOTA], BOTA, "12.03.2010", "Общая очередь", 1, None, None],
        [2, NAMES[DANA], DANA, "12.03.2011", "Пенсионер", 1, None, "см. дело"],
    ]
    for file in (
        spp(("A-1", ANNA, "2019-05-06T10:00:00", 4)),
        rshep(("7", ANNA, "03.04.2015", 4)),
        imports.GivenFile(source=Source.PAPER, name="paper.xlsx", content=workbook(paper)),
    ):
        imports.put_in(
            akimat=made.akimat, file=file, by=made.clerk2, at=factories.AT, consent_document=SIGNED
        )
    imports.confirm(akimat=made.akimat, by=made.supervisor, at=factories.AT)
    # The registers have answered: see `known`.
    CheckRequest.objects.update(state="ANSWERED", closed_at=factories.AT)
    return made


@pytest.fixture(params=[1280, 360])
def sign_in(town, new_page, live_server, request):
    """A browser of somebody of staff, signed in by the page, on a wide screen and on a phone."""

    def open_as(name):
        page = new_page(base_url=live_server.url, width=request.param)
        steps.sign_in(page, name, town.passwords[name])
        page.width = request.param
        return page

    return open_as


def show(page, pictures, name):
    assert_usable(page)
    page.screenshot(path=pictures / f"import-{name}-{page.width}.png", full_page=True)


def test_questions_are_answered_a_day_is_approved_and_a_table_counts(town, sign_in, pictures):
    clerk = sign_in("clerk")
    clerk.goto("/desk/imports/cases/?code=NOTE_TO_READ")
    show(clerk, pictures, "cases")
    anna, dana = (Application.objects.get(applicant__iin=iin) for iin in (ANNA, DANA))
    clerk.goto(f"/desk/imports/cases/{dana.pk}/")
    answer(clerk, "NOTE_TO_READ", answer="accepted")
    clerk.goto(f"/desk/imports/cases/{anna.pk}/")
    show(clerk, pictures, "case")
    answer(clerk, "DATE_CONFLICT", day="2015-04-03")
    clerk.wait_for_url(f"**/cases/{Application.objects.get(applicant__iin=BOTA).pk}/")
    assert clerk.get_by_role("status").inner_text() == kk("Decided. A second person has to approve the day.")

    supervisor = sign_in("supervisor")
    supervisor.goto("/desk/imports/decisions/")
    show(supervisor, pictures, "decisions")
    press(supervisor, "Approve the day")
    supervisor.get_by_role("status").wait_for()
    settle()
    assert QueueEntry.objects.get(applicant__iin=ANNA).registered_at.year == 2015
    assert not QueueEntry.objects.get(applicant__iin=DANA).provisional

    clerk.goto("/desk/mapping/")
    show(clerk, pictures, "mapping")
    clerk.goto("/desk/mapping/draft/")
    show(clerk, pictures, "mapping-draft")
    steps.draft_mapping(clerk, "Общая очередь", number="4")
    show(clerk, pictures, "mapping-version")
    for name in ("supervisor", "secretary"):
        steps.approve_mapping(sign_in(name), clerk.url)
    settle()

    assert QueueEntry.objects.get(applicant__iin=BOTA).waiting_list.number == "4"
    assert not ImportCase.objects.filter(closed_at__isnull=True).exists()
    assert invariants.impossible() == []
