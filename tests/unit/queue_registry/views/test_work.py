"""The working list by deadline with its filters, and the search that keeps an IIN out of every address."""

from datetime import date, timedelta

import pytest
from django.db import connection
from lxml import html

from queue_registry.models import (
    ImportCase,
    Person,
    PersonalDataView,
    RegistrationChange,
    RemovalCase,
    Review,
)
from queue_registry.rules.reasons import RefusalGround
from queue_registry.selectors import work
from queue_registry.selectors.applications import people_named
from queue_registry.services import application_decisions
from tests import factories
from tests.factories import AT, ON
from tests.unit.queue_registry.services.intaking import filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


@pytest.fixture
def clerk(client, town):
    client.force_login(town.clerk)
    return client


def numbers(answer):
    return html.fromstring(answer.content.decode()).xpath("//tbody/tr/th//a/text()")


def overdue(answer):
    return html.fromstring(answer.content.decode()).xpath("string(//a[@href='?term=OVERDUE'])").strip()


@pytest.fixture
def open_cases(town):
    """One case of every kind, in the order of their deadlines."""
    late = filed(town, at=AT - timedelta(days=7))
    today = filed(town, at=AT - timedelta(days=1))
    soon = filed(town, at=AT)
    contested, removed, redated, questioned = (
        factories.waiting(town, number="4", day=day) for day in range(1, 5)
    )
    Review.objects.create(
        application=contested.application,
        entry=contested,
        source="CITIZEN",
        claim="c",
        document="d",
        opened_at=AT,
        decide_by=date(2026, 9, 10),
    )
    RemovalCase.objects.create(
        entry=removed, ground="MOVED_AWAY", evidence="e", proposed_by=town.clerk, proposed_at=AT
    )
    RegistrationChange.objects.create(
        entry=redated,
        ground="DIGITIZATION",
        registered_at=AT,
        document="d",
        proposed_by=town.clerk,
        proposed_at=AT,
    )
    ImportCase.objects.create(application=questioned.application, code="NO_DATE", opened_at=AT)
    factories.waiting(town, day=9)
    application_decisions.refuse(
        application_id=filed(town).pk,
        ground=RefusalGround.FALSE_DATA,
        decision="d",
        by=town.supervisor,
        at=AT,
    )
    entries = (contested, removed, redated, questioned)
    return [late, today, soon, *(entry.application for entry in entries)]


def test_everything_open_stands_by_its_deadline_and_the_overdue_are_counted(clerk, town, open_cases):
    answer = clerk.get("/desk/work/")

    assert numbers(answer) == [application.file_number for application in open_cases]
    assert [row.deadline for row in work.list_work(town.akimat)[:4]] == [
        date(2026, 8, 26),
        ON,
        date(2026, 9, 2),
        date(2026, 9, 10),
    ]
    assert overdue(answer) == "1"
    assert PersonalDataView.objects.filter(target="work:271010000").count() == 1


@pytest.mark.parametrize(("days", "late"), [(0, 0), (1, 1), (2, 1)])
def test_a_term_is_over_on_the_day_after_its_last(town, days, late):
    filed(town, at=AT - timedelta(days=1))

    assert work.count_overdue(town.akimat, on=ON + timedelta(days=days)) == late


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({"term": "OVERDUE"}, [0]),
        ({"term": "TODAY"}, [1]),
        ({"term": "LATER"}, [2, 3]),
        ({"task": "DECISION"}, [0, 1, 2]),
        ({"task": "REVIEW"}, [3]),
        ({"task": "REMOVAL"}, [4]),
        ({"task": "REDATING"}, [5]),
        ({"task": "IMPORT"}, [6]),
        ({"list": "4"}, [3, 4, 5, 6]),
        ({"list": "5", "term": "LATER"}, [2]),
        ({"list": "2"}, []),
    ],
)
def test_the_list_is_filtered(clerk, open_cases, query, chosen):
    assert numbers(clerk.get("/desk/work/", query)) == [open_cases[index].file_number for index in chosen]


def test_the_case_leads_to_the_page_of_each_open_task(clerk, open_cases):
    rows = {"reviews": Review, "removals": RemovalCase, "registration-changes": RegistrationChange}
    for application, (kind, model) in zip(open_cases[3:6], rows.items(), strict=True):
        page = html.fromstring(clerk.get(f"/desk/applications/{application.pk}/").content.decode())
        address = f"/desk/{kind}/{model.objects.get().pk}/"

        assert page.xpath(f"count(//li/a[@href='{address}'])") == 1
        assert clerk.get(address).status_code == 200


def test_what_is_done_leaves_the_list(clerk, town):
    application = filed(town)
    application_decisions.accept(application_id=application.pk, by=town.clerk, at=AT)

    assert numbers(clerk.get("/desk/work/")) == []


@pytest.mark.parametrize("how", ["iin", "iin with a hyphen", "file number", "digits", "name", "capitals"])
def test_one_find_leads_to_its_case_and_nothing_personal_to_an_address(clerk, town, how):
    person = factories.PersonFactory(last_name="Ұлықбан-Өмірбек", first_name="Әсел")
    factories.answer_everything(person, facts=[factories.status(*factories.GROUNDS["5"])])
    application = filed(town, person)
    filed(town)
    typed = {
        "iin": person.iin,
        "iin with a hyphen": f"{person.iin[:6]}-{person.iin[6:]}",
        "file number": application.file_number,
        "digits": application.file_number.replace("-", ""),
        "name": "әсел өмір",
        "capitals": "ҰЛЫҚБАН",
    }[how]

    answer = clerk.post("/desk/search/", {"text": typed})

    assert answer.headers["Location"] == f"/desk/applications/{application.pk}/"
    assert PersonalDataView.objects.filter(target="search:271010000").count() == 1


def test_a_member_s_iin_finds_the_household(clerk, town):
    entry = factories.waiting(town, family=[factories.HUSBAND])
    husband = entry.application.members.get().person

    answer = clerk.post("/desk/search/", {"text": husband.iin})

    assert answer.headers["Location"] == f"/desk/applications/{entry.application_id}/"


def test_several_finds_are_listed_and_no_find_is_said(clerk, town):
    first, second = filed(town), filed(town)

    several = clerk.post("/desk/search/", {"text": "ойдан"}).content.decode()
    nobody = clerk.post("/desk/search/", {"text": "жоқ адам"})

    assert first.file_number in several
    assert second.file_number in several
    assert nobody.status_code == 200


def test_a_search_in_an_address_finds_nothing(clerk, town):
    application = filed(town)

    answer = clerk.get("/desk/search/", {"text": application.applicant.iin})

    assert application.file_number not in answer.content.decode()


def test_a_part_of_an_iin_finds_nobody(clerk, town):
    application = filed(town)

    answer = clerk.post("/desk/search/", {"text": application.applicant.iin[:11]})

    assert application.file_number not in answer.content.decode()


def test_another_akimat_s_cases_are_not_found(clerk, town):
    application = filed(town)
    application.akimat.kato = "271010001"
    other = type(town.akimat).objects.create(kato="271010001", name_kk="b", name_ru="b")
    type(application).objects.filter(pk=application.pk).update(akimat=other)

    assert numbers(clerk.get("/desk/work/")) == []
    assert clerk.post("/desk/search/", {"text": application.applicant.iin}).status_code == 200


@pytest.mark.parametrize("typed", ["%", "_", "' OR 1=1 --", "\\", "О'Нил"])
def test_signs_are_searched_as_signs(clerk, town, typed):
    factories.PersonFactory(last_name="О'Нил")
    filed(town)

    assert clerk.post("/desk/search/", {"text": typed}).status_code == 200
    assert people_named(typed).count() == (typed == "О'Нил")


def test_a_name_is_found_through_the_trigram_index():
    factories.PersonFactory.create_batch(3)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Person.objects.filter(last_name__icontains="ұлықбан").explain()

    assert "person_names_trigram" in plan


@pytest.mark.parametrize("address", ["/desk/work/", "/desk/search/"])
def test_roles_without_the_register_see_neither(client, town, address):
    for user in town.staff.values():
        client.force_login(user)
        seen = user.memberships.get().role in {"CLERK", "SUPERVISOR", "SECRETARY", "AUDITOR"}
        assert client.get(address).status_code == (200 if seen else 403), user.username
