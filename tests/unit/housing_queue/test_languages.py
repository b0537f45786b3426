"""Public pages in three languages, the pages of staff in the two of the state."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from queue_registry import formats

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("language", "day", "month", "tenge"),
    [
        ("kk", "2026 ж. 22 қараша", "2026 ж. сәуір", "1 234 567,50 ₸"),
        ("ru", "22 ноября 2026 г.", "апрель 2026 г.", "1 234 567,50 ₸"),
        ("en", "22 November 2026", "April 2026", "1,234,567.50 ₸"),
    ],
)
def test_days_months_and_amounts_are_written_as_each_language_writes_them(language, day, month, tenge):
    with translation.override(language):
        written = (formats.day(DAY), formats.month("2026-04"), formats.tenge(Decimal("1234567.5")))

    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in written] == [day, month, tenge]


def test_a_moment_is_told_by_the_clock_of_almaty_in_english_too():
    with translation.override("en"):
        written = formats.moment(datetime(2026, 11, 22, 20, 5, tzinfo=UTC))

    assert written.replace("\N{NO-BREAK SPACE}", " ") == "23 November 2026, 01:05"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accepted", "language"), [("en-US,en;q=0.9", "kk"), ("en-US,en;q=0.9,ru;q=0.8", "ru"), ("", "kk")]
)
def test_the_desk_speaks_the_languages_of_the_state_whatever_the_browser_prefers(client, accepted, language):
    page = client.get("/desk/sign-in/", headers={"accept-language": accepted})

    assert page.headers["Content-Language"] == language
    assert "English" not in page.content.decode()


@pytest.mark.django_db
def test_a_public_page_is_read_in_english_and_leads_to_the_other_languages(client):
    page = client.get("/en/trail/").content.decode()

    assert '<html lang="en"' in page
    assert "Heads of the trail" in page
    assert 'href="/kk/trail/"' in page
    assert 'href="/ru/trail/"' in page
