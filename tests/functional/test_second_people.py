"""
What takes a second person besides the queue itself: an erasure, a lost telephone; and looks that are asked
about. In a real browser, in both languages, on a telephone and on a screen.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from housing_queue import founding
from queue_registry.models import Erasure, SecondFactorReset, Telephone
from queue_registry.services import audit, erasures, second_factor_resets
from tests import factories
from tests.desk_steps import show
from tests.second_factor import tied
from tests.unit.queue_registry.services import moving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# In the morning: the demo's clock is set to the second, and may begin a moment before.
AT = moving.FIRST_DECISION + timedelta(days=120, hours=10)
EVERY_SCREEN = pytest.mark.parametrize(
    ("language", "width"), [("kk", 360), ("kk", 1280), ("ru", 360), ("ru", 1280)]
)


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    made = factories.town()
    founding.set_demo_clock(lives_at=AT, machine_now=timezone.now())
    return made


@pytest.fixture
def desk_of(new_page, live_server, language, width):
    """Opens the desk of somebody of staff."""

    def opened(user):
        page = new_page(base_url=live_server.url, width=width, locale=language)
        client = Client()
        client.force_login(user)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        return page

    return opened


@pytest.fixture
def says(language):
    """The words of the page's language."""

    def words(text):
        with translation.override(language):
            return translation.gettext(text)

    return words


def press(page, words):
    page.get_by_role("button", name=words, exact=True).click()


@EVERY_SCREEN
def test_a_clerk_proposes_to_erase_a_closed_case_and_a_supervisor_does(
    town, desk_of, says, pictures, language, width
):
    entry, other = (factories.waiting(town, day=day) for day in (1, 2))
    for one in (entry, other):
        moving.removed(town, one)
    dropped = erasures.propose(
        application_id=other.application_id, document="№ 4, 12.11.2026", by=town.clerk, at=AT
    )
    erasures.drop(erasure_id=dropped.pk, by=town.supervisor, at=AT)
    clerk, supervisor = desk_of(town.clerk), desk_of(town.supervisor)

    clerk.goto("/desk/erasures/")
    press(clerk, says("Propose"))
    clerk.get_by_role("alert").wait_for()
    show(clerk, pictures, f"erasures-refused-{language}")
    clerk.get_by_label(says("File number"), exact=True).fill(entry.file_number)
    clerk.get_by_label(says("Request or decision that it rests on")).fill("№ 5, 16.11.2026")
    press(clerk, says("Propose"))
    clerk.get_by_role("link", name=entry.file_number).wait_for()
    show(clerk, pictures, f"erasures-proposed-{language}")
    supervisor.goto("/desk/erasures/")
    show(supervisor, pictures, f"erasures-to-decide-{language}")
    press(supervisor, says("Erase"))
    supervisor.get_by_text(says("Erased")).wait_for()
    show(supervisor, pictures, f"erasures-done-{language}")

    assert Erasure.objects.get(application=entry.application).decided_by == town.supervisor


@EVERY_SCREEN
def test_a_lost_telephone_is_untied_by_two_people(town, desk_of, says, pictures, language, width):
    for user in (town.chair, town.secretary):
        tied(user)
    kept = second_factor_resets.propose(
        akimat=town.akimat, user=town.secretary, reason="№ 3", by=town.admin, at=AT
    )
    second_factor_resets.drop(reset_id=kept.pk, by=town.supervisor, at=AT)
    admin, supervisor = desk_of(town.admin), desk_of(town.supervisor)

    admin.goto("/desk/second-factor/resets/")
    press(admin, says("Propose"))
    admin.get_by_role("alert").wait_for()
    show(admin, pictures, f"factor-resets-refused-{language}")
    admin.get_by_label(says("Person"), exact=True).select_option(str(town.chair.pk))
    admin.get_by_label(says("Reason"), exact=True).fill("№ 17, 16.11.2026")
    press(admin, says("Propose"))
    admin.get_by_text("№ 17, 16.11.2026").wait_for()
    show(admin, pictures, f"factor-resets-proposed-{language}")
    supervisor.goto("/desk/second-factor/resets/")
    show(supervisor, pictures, f"factor-resets-to-decide-{language}")
    press(supervisor, says("Untie the telephone"))
    supervisor.get_by_text(says("Untied")).wait_for()
    show(supervisor, pictures, f"factor-resets-done-{language}")

    assert SecondFactorReset.objects.get(user=town.chair).is_carried_out
    assert not Telephone.objects.filter(user=town.chair).exists()


@EVERY_SCREEN
def test_an_auditor_reads_which_looks_are_asked_about(town, desk_of, says, pictures, language, width):
    own, curious = (factories.waiting(town, day=day) for day in (40, 41))
    town.clerk.person = own.applicant
    town.clerk.save(update_fields=["person"])
    for entry in (own, curious, curious):
        audit.record_view(akimat=town.akimat, by=town.clerk, at=AT, target=f"queue_entry:{entry.pk}")
    auditor = desk_of(town.auditor)

    auditor.goto("/desk/audit/unusual-looks/")
    auditor.get_by_role("link", name=own.file_number).wait_for()
    asked = [row.inner_text().split("\t") for row in auditor.locator("tbody tr").all()]
    assert [(cells[2], cells[3]) for cells in asked] == [(own.file_number, "1"), (curious.file_number, "2")]
    show(auditor, pictures, f"unusual-looks-{language}")
    auditor.goto("/desk/audit/unusual-looks/?since=2027-10-02&until=2027-10-01")
    auditor.get_by_role("alert").wait_for()
    show(auditor, pictures, f"unusual-looks-refused-{language}")
    auditor.goto("/desk/audit/unusual-looks/?since=2030-01-01")
    auditor.get_by_text(says("Nothing is asked about in this period.")).wait_for()
    show(auditor, pictures, f"unusual-looks-none-{language}")
