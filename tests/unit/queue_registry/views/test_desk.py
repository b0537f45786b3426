"""The desk: who may look at what, what is found, and that every look is recorded."""

from datetime import date

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation
from lxml import html

from queue_registry import import_presenters, verdict_presenters
from queue_registry.models import Akimat, PersonalDataView, StaffMembership, User
from queue_registry.permissions import ROLES, Permission
from queue_registry.rules.legacy.codes import Code, Remark, RowState, Source
from queue_registry.services import imports, queue_entries
from tests import factories
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, known, rshep, spp

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def clerk(client, town):
    client.force_login(town.clerk)
    return client


def rows_of(page):
    return html.fromstring(page.content.decode()).xpath("//tbody/tr")


def test_the_lists_show_every_entry_with_its_place_and_are_filtered_and_searched(clerk, town):
    first = factories.waiting(town, number="4", day=1)
    second = factories.waiting(town, number="4", day=2)
    other = factories.waiting(town, number="5", day=3)

    def found(**query):
        text = clerk.get("/desk/", query).content.decode()
        return [entry for entry in (first, second, other) if entry.file_number in text]

    assert found() == [first, second, other]
    assert found(list="4") == [first, second]
    assert found(q=second.file_number) == [second]
    assert found(q=other.applicant.last_name.upper()) == [other]
    assert found(verdict="NOT_ASSESSED") == [first, second, other]
    queue_entries.suspend(entry_id=first.pk, by=town.clerk, at=factories.AT, ground="DIGITIZATION")
    assert found(status="SUSPENDED") == [first]
    places = [row.xpath("string(td[1])").strip() for row in rows_of(clerk.get("/desk/", {"list": "4"}))]
    assert places[-2:] == ["1", "2"]


def test_an_entry_shows_household_facts_findings_and_history_and_the_look_is_recorded(clerk, town):
    entry = factories.waiting(town, family=[factories.HUSBAND, factories.DAUGHTER])

    page = clerk.get(f"/desk/entries/{entry.pk}/")

    text = page.content.decode()
    assert page.status_code == 200
    for person in (entry.applicant, *(member.person for member in entry.application.members.all())):
        assert person.full_name in text
    assert entry.applicant.iin not in page.request["PATH_INFO"]
    look = PersonalDataView.objects.get()
    assert (look.by, look.target) == (town.clerk, f"queue_entry:{entry.pk}")


def test_rows_of_the_old_lists_stand_beside_the_entry_as_the_files_have_them(clerk, town):
    known(ANNA)
    for file in (spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)), rshep(("77", ANNA, "03.04.2015", 5))):
        imports.put_in(akimat=town.akimat, file=file, by=town.clerk, at=factories.AT)
    imports.confirm(akimat=town.akimat, by=town.supervisor, at=factories.AT)
    entry = town.akimat.entries.get()

    text = clerk.get(f"/desk/entries/{entry.pk}/").content.decode()

    assert "03.04.2015" in text
    assert "2019-05-06T10:00:00" in text
    assert str(import_presenters.import_code("DATE_CONFLICT")) in text


def test_the_waiting_file_and_the_old_lists_say_what_a_person_has_to_decide(clerk, town):
    known(ANNA, BOTA)
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "", 4))
    imports.put_in(akimat=town.akimat, file=file, by=town.clerk, at=factories.AT)
    imports.confirm(akimat=town.akimat, by=town.supervisor, at=factories.AT)
    nameless = town.akimat.applications.get(applicant__iin=BOTA)

    waiting = clerk.get("/desk/waiting-file/").content.decode()
    old_lists = clerk.get("/desk/imports/")

    assert nameless.file_number in waiting
    assert import_presenters.import_code("NO_DATE") in waiting
    assert import_presenters.import_code("NO_DATE") in old_lists.content.decode()
    counts = [cell.text_content().strip() for cell in rows_of(old_lists)[0].xpath("td")][:4]
    assert counts == ["2", "1", "0", "1"]


def test_nobody_sees_another_akimats_entry(client, town):
    entry = factories.waiting(town)
    elsewhere = Akimat.objects.create(kato="711000000", name_kk="Астана", name_ru="Астана")
    stranger = User.objects.create(username="stranger")
    StaffMembership.objects.create(user=stranger, akimat=elsewhere, role="CLERK", from_on=date(2026, 1, 1))
    client.force_login(stranger)

    assert client.get("/desk/").status_code == 200
    assert client.get("/desk/", {"akimat": "271010000"}).content.decode().count(entry.file_number) == 0
    assert client.get(f"/desk/entries/{entry.pk}/").status_code == 404


def test_without_signing_in_every_page_of_the_desk_leads_to_the_sign_in(client, town):
    for address in ("/desk/", "/desk/waiting-file/", "/desk/imports/", "/desk/homes/", "/desk/rounds/"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/desk/sign-in/")


def desk_views(resolver=None, prefix=""):
    """Every view below /desk/ with its address pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from desk_views(pattern, path)
        elif isinstance(pattern, URLPattern) and path.startswith("desk/"):
            yield path, pattern.callback


# They are for everybody of staff: who may see what is decided by the page that they lead to.
OPEN_TO_STAFF = {
    "desk/",
    "desk/sign-in/",
    "desk/sign-out/",
    "desk/second-factor/",
    "desk/second-factor/new/",
}


def test_every_page_of_the_desk_names_the_permission_that_it_needs():
    pages = dict(desk_views())

    assert len(pages) > 10
    assert {path for path, view in pages.items() if not hasattr(view, "permission")} <= OPEN_TO_STAFF


@pytest.mark.parametrize(
    ("address", "permission"),
    [
        ("/desk/waiting-file/", Permission.REGISTER_VIEW),
        ("/desk/imports/", Permission.REGISTER_VIEW),
        ("/desk/homes/", Permission.STOCK_VIEW),
        ("/desk/rounds/", Permission.ROUND_VIEW),
        ("/desk/offers/", Permission.OFFER_ANSWER),
    ],
)
def test_each_role_gets_the_pages_of_its_permissions_and_no_others(client, town, address, permission):
    for user in town.staff.values():
        role = user.memberships.get().role
        client.force_login(user)

        assert client.get(address).status_code == (200 if permission in ROLES[role] else 403), role


def test_every_code_of_an_old_list_has_its_words():
    for code in Code:
        assert import_presenters.import_code(code) != code.value
    for remark in Remark:
        assert import_presenters.import_remark(remark) != remark.value
    for state in RowState:
        with translation.override("ru"):
            assert import_presenters.row_state(state) != state.value


def test_a_row_with_shifted_columns_shows_no_number_in_place_of_a_name(clerk, town):
    shifted = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)).content.replace(
        f"A-1,{ANNA},Ойдан,Анна,".encode(), f"Ойдан,A-1,{ANNA},Анна,".encode()
    )
    file = imports.GivenFile(source=Source.SPP, name="spp.csv", content=shifted)
    imports.put_in(akimat=town.akimat, file=file, by=town.clerk, at=factories.AT)
    imports.confirm(akimat=town.akimat, by=town.supervisor, at=factories.AT)

    application = town.akimat.applications.get()
    waiting = rows_of(clerk.get("/desk/waiting-file/"))

    assert application.applicant_name == ""
    assert waiting[0].xpath("string(td[1])").strip() == "–"


@pytest.mark.parametrize(("language", "words"), [("kk", "2026 ж. сәуір"), ("ru", "апрель 2026 г.")])
def test_a_month_without_income_is_named_in_words(language, words):
    finding = {"rule": "INCOME_GAP", "verdict": "PASS", "actual": "2026-04"}
    with translation.override(language):
        assert verdict_presenters.finding(finding).actual.replace("\N{NO-BREAK SPACE}", " ") == words


def test_a_day_without_a_time_is_told_as_a_day(clerk, town):
    known(ANNA)
    file = rshep(("77", ANNA, "03.04.2015", 5))
    imports.put_in(akimat=town.akimat, file=file, by=town.clerk, at=factories.AT)
    imports.confirm(akimat=town.akimat, by=town.supervisor, at=factories.AT)

    text = clerk.get(f"/desk/entries/{town.akimat.entries.get().pk}/").content.decode()

    assert "2015" in text
    assert "23:59" not in text
