"""The ladder's helper: the register's own arithmetic over typed figures, at its limits; nothing stays."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from lxml import html

from queue_registry import formats
from queue_registry.rules.policy import Policy
from queue_registry.services.policies import policy_in_force
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def minimum(town):
    version = policy_in_force(akimat=town.akimat, on=factories.ON)
    return Decimal(int(Policy.from_document(version.document).subsistence_minimum(factories.ON)))


def ask(town, *, language="ru", **changes):
    typed = {"akimat": town.akimat.pk, "on": "2026-09-01", "members": "1", "income_1": "0"}
    return Client().post(f"/{language}/ladder/", typed | changes)


def chosen(response):
    """The row of the ladder that is marked, or the words above the table where none is."""
    page = html.fromstring(response.content.decode())
    rows = page.xpath("//tr[contains(@class, 'kz-row--mine')]")
    return len(page.xpath("//tbody/tr")) and [page.xpath("//tbody/tr").index(row) for row in rows]


def errors(response):
    return html.fromstring(response.content.decode()).xpath(
        "//div[@class='govuk-error-summary__body']//a/@href"
    )


@pytest.mark.parametrize(
    ("times", "over", "row"),
    [
        ("1", "0", [0]),
        ("1", "0.12", [1]),
        ("3.1", "0", [1]),
        ("3.1", "0.12", [2]),
        ("3.7", "0", [2]),
        ("3.7", "0.12", []),
    ],
)
def test_a_rung_ends_at_its_limit_to_the_tiyn(town, minimum, times, over, row):
    yearly = minimum * Decimal(times) * 12 + Decimal(over)

    assert chosen(ask(town, income_1=f"{yearly:f}")) == row


def test_incomes_and_benefits_of_all_are_shared_by_all(town, minimum):
    half = f"{minimum * 6:f}"

    alone = ask(town, income_1=half, income_2=half, benefits="0,12")
    shared = ask(town, members="2", income_1=half, income_2=half, benefits="0,12")

    assert (chosen(alone), chosen(shared)) == ([1], [0])


@pytest.mark.parametrize(
    ("typed", "yearly"),
    [
        ("1,250,000.50", "1250000.50"),
        ("1,250,000", "1250000"),
        ("12,500.5", "12500.50"),
        ("1 250 000,50", "1250000.50"),
        ("1250000.50", "1250000.50"),
        ("₸1,250", "1250"),
        ("999,99", "999.99"),
    ],
)
def test_an_amount_is_read_as_english_writes_it_and_as_everybody_does(town, typed, yearly):
    response = ask(town, language="en", income_1=typed)

    assert errors(response) == []
    with translation.override("en"):
        assert formats.tenge(Decimal(yearly)) in response.content.decode()


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    ("typed", "yearly"), [("1,250,000.50", "1250000.50"), ("1,250,000", "1250000"), ("1,25", "1.25")]
)
def test_groups_that_can_be_nothing_else_are_read_in_every_language(town, language, typed, yearly):
    response = ask(town, language=language, income_1=typed)

    with translation.override(language):
        assert formats.tenge(Decimal(yearly)) in response.content.decode()


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        # A comma is a decimal mark there: three digits after it are no tiyn.
        ("ru", "1,250"),
        ("kk", "1,250"),
        ("en", "1,25,000"),
        ("en", "1.250.000"),
        ("en", "1250,000.50"),
        ("ru", "1.250.000,50"),
    ],
)
def test_an_amount_that_could_be_another_is_asked_for_again(town, language, typed):
    assert errors(ask(town, language=language, income_1=typed)) == ["#id_income_1"]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_tells_arithmetic_policy_and_day(town, language):
    response = ask(town, language=language, members="3", income_1="3 600 000,00 ₸")

    text = " ".join(html.fromstring(response.content.decode()).xpath("//main")[0].text_content().split())
    version = policy_in_force(akimat=town.akimat, on=factories.ON)
    assert "100 000,00 ₸" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert version.code in text
    assert formats.whole(3) in text
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("akimat", ""),
        ("akimat", "999999"),
        ("on", ""),
        ("on", "yesterday"),
        ("on", "2999-01-01"),
        ("on", "1990-01-01"),
        ("members", ""),
        ("members", "0"),
        ("members", "31"),
        ("members", "two"),
        ("income_1", ""),
        ("income_1", "-1"),
        ("income_1", "much"),
        ("income_2", "1.234"),
        ("income_3", "9" * 10_000),
        ("income_4", "NaN"),
        ("income_4", "Infinity"),
        ("income_4", "1e9999"),
        ("benefits", "{{ 7*7 }}"),
        ("benefits", "١٢٣"),
        ("benefits", "1\x00"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(town, field, typed):
    response = ask(town, **{field: typed})

    assert response.status_code == 200
    assert errors(response) == [f"#id_{field}"]


def test_nothing_is_written_and_figures_in_an_address_are_not_read(town):
    with CaptureQueriesContext(connection) as queries:
        ask(town, income_1="100")
        response = Client().get("/ru/ladder/", {"members": "1", "income_1": "123456789"})

    written = ("INSERT", "UPDATE", "DELETE", "COPY")
    assert not [one for one in queries.captured_queries if one["sql"].lstrip().startswith(written)]
    assert "123456789" not in response.content.decode()
    assert chosen(response) == 0


def test_without_sign_in_cookie_and_script(town):
    response = Client().get("/kk/ladder/")

    assert response.status_code == 200
    assert not response.cookies
    assert not html.fromstring(response.content.decode()).xpath("//script")
