"""My old number: each system's number leads to the permanent one, for the right pair and for no other."""

import io

import openpyxl
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from queue_registry.models import Application, ImportBatch
from queue_registry.rules.legacy.codes import Source
from queue_registry.services import imports
from queue_registry.views import look_up_limits
from tests import factories
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, known, put_in_and_confirm, rshep, spp

pytestmark = pytest.mark.django_db

SPP = ("271-2019-000123", ANNA, "2019-05-06T10:00:00", 5)
RSHEP = ("Ц-2016-000045", ANNA, "06.05.2019", 5)


@pytest.fixture(autouse=True)
def _fresh_limits(settings):
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()


def paper(*rows):
    """A paper list typed into a spreadsheet; a row is (number of the row, IIN, name)."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(
        ["№ п/п", "ФИО", "ИИН", "Дата постановки на учет", "Категория", "Состав семьи", "Примечание"]
    )
    for number, iin, name in rows:
        sheet.append([number, name, iin, "06.05.2011", "Бюджетник", 1, None])
    content = io.BytesIO()
    book.save(content)
    return imports.GivenFile(source=Source.PAPER, name="paper.xlsx", content=content.getvalue())


@pytest.fixture
def listed(founded):
    """Anna stands in all three lists, Bota in the youngest."""
    known(ANNA, BOTA)
    put_in_and_confirm(
        founded,
        spp(SPP, ("271-2019-000124", BOTA, "2019-05-07T10:00:00", 5)),
        rshep(RSHEP),
        paper((17, ANNA, "Ойдан Анна"), (18, "", "Ойдан Бота")),
    )
    return Application.objects.get(applicant__iin=ANNA)


def look_up(source, number, iin, *, language="ru", address="192.0.2.1"):
    data = {"source": source, "number": number, "iin": iin}
    return Client().post(f"/{language}/old-number/", data, REMOTE_ADDR=address)


def shown(page):
    document = html.fromstring(page.content.decode())
    return [plate.text_content().strip() for plate in document.xpath("//*[@class='kz-number-plate']")]


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("spp", "271-2019-000123"),
        ("spp", " 271 2019 000123 "),
        ("rshep", "Ц-2016-000045"),
        ("rshep", "2016000045"),
        ("paper", "17"),
        ("paper", "№ 017"),
    ],
)
def test_an_old_number_of_each_system_leads_to_the_one_file_number(listed, source, number):
    page = look_up(source, number, ANNA)

    assert shown(page) == [listed.file_number]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.cookies == {}
    links = html.fromstring(page.content.decode()).xpath("//main//@href")
    assert "/ru/" in links
    assert not [link for link in links if ANNA in link or listed.file_number in link]


def test_whatever_is_wrong_gets_the_same_bytes(listed):
    pages = [
        look_up("spp", "271-2019-000124", ANNA),
        look_up("rshep", "271-2019-000123", ANNA),
        look_up("spp", "271-2019-999999", ANNA),
        look_up("spp", "271-2019-000123", factories.invented_iin(9_999), address="192.0.2.2"),
        # A row of which nobody knows whose it is.
        look_up("paper", "18", BOTA, address="192.0.2.3"),
    ]

    assert {(page.status_code, page.content) for page in pages} == {(200, pages[0].content)}
    assert shown(pages[0]) == []
    assert ANNA not in pages[0].content.decode()


def test_right_and_wrong_ask_the_database_as_often(listed):
    counts = set()
    for number, iin in (("271-2019-000123", ANNA), ("1", ANNA), ("1", factories.invented_iin(9_999))):
        with CaptureQueriesContext(connection) as asked:
            look_up("spp", number, iin)
        counts.add(len(asked))

    assert counts == {1}


@pytest.mark.parametrize(
    ("source", "number", "iin"), [("", "1", ANNA), ("spp", "", ANNA), ("spp", "abc", ANNA), ("spp", "1", "")]
)
def test_an_iin_alone_and_a_number_alone_show_nothing(listed, source, number, iin):
    page = look_up(source, number, iin)

    assert shown(page) == []
    assert "govuk-error-summary" in page.content.decode()


def test_a_file_that_nobody_confirmed_or_that_was_taken_back_leads_nowhere(founded, listed):
    imports.put_in(
        akimat=founded.akimat,
        file=rshep(("Ц-2016-000099", ANNA, "06.05.2019", 5)),
        by=founded.staff["clerk"],
        at=factories.AT,
    )

    assert shown(look_up("rshep", "99", ANNA)) == []
    assert shown(look_up("rshep", "2016000099", ANNA)) == []
    ImportBatch.objects.filter(source="spp").update(
        undone_at=factories.AT, undone_by=founded.staff["supervisor"], why_undone="Wrong file"
    )
    assert shown(look_up("spp", "271-2019-000123", ANNA)) == []


def test_the_number_of_a_joined_application_leads_to_the_other(listed):
    other = Application.objects.get(applicant__iin=BOTA)
    Application.objects.filter(pk=other.pk).update(joined_into=listed, applicant=None)

    assert shown(look_up("spp", "271-2019-000124", ANNA)) == [listed.file_number]
    assert shown(look_up("spp", "271-2019-000124", BOTA)) == []


def test_nobody_tries_short_numbers_one_by_one_with_an_iin_that_he_knows(listed):
    for number in range(5):
        assert look_up("paper", str(number), ANNA, address=f"192.0.2.{number}").status_code == 200

    assert look_up("paper", "17", ANNA, address="192.0.2.99").status_code == 429
    assert look_up("spp", "271-2019-000124", BOTA, address="192.0.2.99").status_code == 200


def test_nobody_tries_iins_one_by_one_with_a_number_that_he_knows(listed):
    for number in range(5):
        look_up("paper", "17", factories.invented_iin(9_000 + number), address=f"192.0.2.{number}")

    assert look_up("paper", "17", ANNA, address="192.0.2.99").status_code == 429


def test_ten_look_ups_in_a_quarter_of_an_hour_from_one_address_and_no_more(listed):
    for _ in range(10):
        assert look_up("spp", "271-2019-000123", ANNA).status_code == 200

    assert look_up("spp", "271-2019-000123", ANNA).status_code == 429


def test_without_counters_nobody_looks_anything_up(listed, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    assert look_up("spp", "271-2019-000123", ANNA).status_code == 503


def test_no_iin_stands_in_the_counters(listed, settings):
    look_up("spp", "1", ANNA)

    keys = look_up_limits._limiter(settings.REDIS_URL).storage.storage.keys("*")

    assert keys
    assert not [key for key in keys if ANNA.encode() in key]


def test_the_page_is_small_and_asks_for_no_script(listed):
    for page in (Client().get("/kk/old-number/"), look_up("spp", "271-2019-000123", ANNA, language="kk")):
        assert page.status_code == 200
        assert len(page.content) < 100_000
        assert b"<script" not in page.content
