"""
The page of the place, word for word, in twelve situations (product E3) and in each language.

The texts lie in tests/data/golden. Whoever changed words on purpose writes them anew and reads the
difference: ./test tests/functional/test_golden_texts.py --renew-golden
"""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from lxml import html

from queue_registry.selectors import clock
from queue_registry.views import look_up_limits
from tests import factories, situations

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).resolve().parent.parent / "data" / "golden"
LANGUAGES = dict(settings.LANGUAGES)
_BLOCKS = {"h1", "h2", "h3", "p", "dt", "dd", "li", "th", "td", "summary", "figcaption", "button"}


@pytest.fixture
def town(monkeypatch):
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()
    monkeypatch.setattr(clock, "now", lambda: situations.READ_AT)
    made = factories.town()
    situations.office(made)
    return made


def text_of(page):
    """Everything that a reader reads of the page, a line for each block."""
    (main,) = html.fromstring(page.content.decode()).xpath("//main")
    for line_break in main.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    blocks = [block for block in main.iter() if block.tag in _BLOCKS]
    lines = [
        " ".join(block.text_content().replace("\N{NO-BREAK SPACE}", " ").split())
        for block in blocks
        if not any(above.tag in _BLOCKS for above in block.iterancestors())
    ]
    return "".join(f"{line}\n" for line in lines if line)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", situations.SITUATIONS)
def test_the_page_says_word_for_word_what_it_said(town, request, situation, language):
    application = situations.SITUATIONS[situation](town)
    fields = {"file_number": application.file_number, "iin": application.applicant.iin}
    page = Client().post(f"/{language}/", fields)
    assert page.status_code == 200
    said, kept = text_of(page), FOLDER / f"{situation}.{language}.txt"
    if request.config.getoption("--renew-golden"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        kept.write_text(said)

    assert said == kept.read_text()


def test_each_situation_has_its_text_in_every_language_and_no_text_is_left_over(request):
    named = {f"{situation}.{language}.txt" for situation in situations.SITUATIONS for language in LANGUAGES}

    # While they are written anew they come one by one.
    assert request.config.getoption("--renew-golden") or {path.name for path in FOLDER.iterdir()} == named
