"""
Every public page in every state says the same in Kazakh, Russian and English: the same numbers, dates, links,
fields; no template's leftovers, no text of another language where there are words of its own.
"""

import re
from collections import Counter
from functools import cache

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from lxml import html

from queue_registry import formats, policy_acts
from queue_registry.selectors import clock
from queue_registry.views import look_up_limits
from tests import factories, public_states, situations
from tests.public_states import pair
from tools import translations

pytestmark = pytest.mark.django_db
LANGUAGES = tuple(dict(settings.LANGUAGES))
_PREFIX = re.compile(rf"^/(?:{'|'.join(LANGUAGES)})(?=/)")
_LEFTOVERS = re.compile(r"%\(|%s|\{\{|\}\}|\{%|%\}|\{\w*\}|\bNone\b|&lt;|<lazy|\bnan\b|\bUndefined\b|г\.\.")
_MONTHS = {
    name.lower(): number
    for names in (formats._MONTHS_KK, formats._MONTHS_RU, formats._NOMINATIVE_RU, formats._MONTHS_EN)
    for number, name in enumerate(names, start=1)
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = (
    # 2026 жылғы 22 қарашадағы, in names of acts
    re.compile(rf"(?P<year>\d{{4}}) жылғы (?P<day>\d{{1,2}}) (?P<month>{_NAMES})\w*", re.IGNORECASE),
    # 2026 ж. 22 қараша; 22 ноября 2026 г.; 22 November 2026; without the day: 2026 ж. қараша
    re.compile(rf"(?P<year>\d{{4}}) ж\. (?:(?P<day>\d{{1,2}}) )?(?P<month>{_NAMES})", re.IGNORECASE),
    re.compile(rf"(?:(?P<day>\d{{1,2}}) )?\b(?P<month>{_NAMES}) (?P<year>\d{{4}})(?: г\.)?", re.IGNORECASE),
)
# The law's own words for groups 1 and 2 of disability.
_IN_WORDS = re.compile(r"первой (и|или) второй(?= групп)")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ ,]\d{3})+(?!\d)")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
# "3,1" in English, but for the amount that a form takes with spaces; "3.1 ×" and "50.00 ₸" in Kazakh and
# Russian, where a dot may also part days and clauses.
_POINT = re.compile(r"\d+\.\d+(?= ?(?:×|₸|%|м²))")
_WRONG_MARK = {"kk": _POINT, "ru": _POINT, "en": re.compile(r"(?<!\d )\b\d+,(?!\d{3}(?!\d))\d+")}
_READ_ALOUD = ("aria-label", "alt", "title", "placeholder")
_SWITCH = "contains(@class, 'kz-header__end')"
_NO_WORDS = ("script", "style", "code", "*[contains(@class, 'kz-code')]", f"nav[{_SWITCH}]")
_OF_NO_LANGUAGE = " or ".join(f"ancestor::{one}" for one in _NO_WORDS)
_NAMED = "//*[@name]/@name | //*[@id]/@id | //*[@for]/@for"


@pytest.fixture
def _still(monkeypatch, settings):
    """The day does not move, and nobody is stopped for asking often."""
    monkeypatch.setattr(clock, "now", lambda: situations.READ_AT)
    settings.LOOK_UPS_PER_ADDRESS = public_states.PLENTY
    settings.NOTICE_PROVIDER = "queue_registry.notices.fake.FakeProvider"
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()


def document(response):
    return html.fromstring(response.content.decode())


def texts(page):
    """Whatever is read or read aloud, piece by piece."""
    # Code is in no language, and the switch names each language in its own.
    told = page.xpath(f"//text()[not({_OF_NO_LANGUAGE})]")
    spoken = page.xpath(" | ".join(f"//*[not({_SWITCH})]/@{name}" for name in _READ_ALOUD))
    found = [*told, *spoken]
    return [text for one in found if (text := " ".join(str(one).replace("\N{NO-BREAK SPACE}", " ").split()))]


def figures(page):
    """Every date and number, written in one way."""
    found = Counter()

    def date(match):
        parts = match.groupdict()
        month = _MONTHS[parts["month"].lower()]
        found[f"{parts['year']}-{month:02d}-{int(parts['day'] or 0):02d}"] += 1
        return " ; "

    for text in texts(page):
        for pattern in _DATES:
            text = pattern.sub(date, text)
        text = _IN_WORDS.sub(r"1 \1 2", text)
        text = _GROUPED.sub(lambda match: re.sub("[ ,]", "", match.group()), text)
        for number in _NUMBER.findall(text):
            found[re.sub(r"(?<=\d),(?=\d)", ".", number)] += 1
    return found


def links(page):
    """Every address, its language taken off."""
    attributes = page.xpath("//@href | //@src | //@action | //@formaction")
    return Counter(_PREFIX.sub("", str(one)) for one in attributes)


def named(page):
    return Counter(map(str, page.xpath(_NAMED)))


@cache
def words_of(language):
    """Texts of the code → their words in a language of the catalogs, where the two differ."""
    catalog = polib.pofile(str(translations.catalog_path(language)))
    return {one.msgid: one.msgstr for one in catalog if one.msgstr and one.msgstr != one.msgid}


def foreign(page, language):
    """Pieces that stand in another language though there are words of this one."""
    if language == "en":
        others = {words for other in ("kk", "ru") for words in words_of(other).values()} - set(words_of("kk"))
        return sorted({text for text in texts(page) if text in others and not _is_name(text)})
    acts = [act for act in policy_acts.ACTS if act in words_of(language)]
    found = {text for text in texts(page) if text in words_of(language)}
    # The name of an act stands inside a sentence, too.
    return sorted(found | {text for text in texts(page) if any(act in text for act in acts)})


def _is_name(text):
    """Names of places and languages are kept in Kazakh and Russian only."""
    return text in {"Қазақша", "Русский"}


def differences(answers):
    """What one language has and another has not, and whatever should be on no page."""
    first, *others = answers
    pages = {language: document(answer) for language, answer in answers.items()}
    found = []
    for language, page in pages.items():
        left = [text for text in texts(page) if _LEFTOVERS.search(text)]
        found += [f"{language}: leftover: {text}" for text in left]
        found += [f"{language}: not its own words: {text}" for text in foreign(page, language)]
        found += [
            f"{language}: decimal mark: {one}"
            for text in texts(page)
            for one in _WRONG_MARK[language].findall(text)
        ]
        if page.get("lang") != language:
            found.append(f"{language}: lang={page.get('lang')}")
    for what in (figures, links, named):
        expected = what(pages[first])
        for language in others:
            got = what(pages[language])
            found += [f"{first} only, not {language}: {one}" for one in (expected - got).elements()]
            found += [f"{language} only, not {first}: {one}" for one in (got - expected).elements()]
    return found


@pytest.mark.usefixtures("_still")
def test_every_state_of_every_page_says_the_same():
    found, seen = [], set()
    for state in public_states.world():
        languages = LANGUAGES if not state.address.startswith("/") else settings.DESK_LANGUAGES
        answers = {language: state.answer(language) for language in languages}
        statuses = {answer.status_code for answer in answers.values()}
        assert statuses == {state.status}, state.name
        seen |= {state.view_name()}
        found += [f"{state.name}: {different}" for different in differences(answers)]

    if found:
        pytest.fail("\n".join(found), pytrace=False)
    assert pages_of_people() <= seen


def pages_of_people():
    """Names of the addresses below a language's prefix that answer with a page, and no file."""
    files = {"receipt", "trail_heads", "bundle", "protocol"}
    spaces = ("queue_registry_public", "allocation_public")
    names = {space: get_resolver().namespace_dict[space][1].reverse_dict for space in spaces}
    return {f"{space}:{name}" for space in spaces for name in names[space] if isinstance(name, str)} - {
        f"{space}:{name}" for space in spaces for name in files
    }


@pytest.mark.usefixtures("_still")
def test_who_may_not_see_a_page_is_told_so_in_both_languages_of_the_desk():
    client = Client()
    client.force_login(factories.town().member1)

    answers = {
        language: client.get("/desk/audit/", headers={"accept-language": language})
        for language in settings.DESK_LANGUAGES
    }

    assert {answer.status_code for answer in answers.values()} == {403}
    assert differences(answers) == []


@pytest.mark.usefixtures("_still")
@pytest.mark.parametrize("situation", situations.SITUATIONS)
def test_every_situation_of_a_household_is_told_the_same(situation):
    town = factories.town()
    situations.office(town)
    sent = pair(situations.SITUATIONS[situation](town))

    answers = {language: Client().post(f"/{language}/", sent) for language in LANGUAGES}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert differences(answers) == []


# The comparison sees


PAGE = "<html lang='{0}'><body><a href='/{0}/rounds/'>{1}</a></body></html>"


class Answer:
    """A page that nobody made."""

    def __init__(self, text):
        self.content = text.encode()


def compared(kk, ru, *, page=PAGE):
    return differences({"kk": Answer(page.format("kk", kk)), "ru": Answer(page.format("ru", ru))})


@pytest.mark.parametrize(
    ("kk", "ru"),
    [
        ("2026 ж. 22 қараша", "22 ноября 2026 г."),
        ("2026 ж. сәуір", "апрель 2026 г."),
        ("1\N{NO-BREAK SPACE}234,50 ₸ – 7", "7: 1\N{NO-BREAK SPACE}234,50 ₸"),
    ],
)
def test_the_same_in_other_words_is_no_difference(kk, ru):
    assert compared(kk, ru) == []


def test_english_signs_of_numbers_are_no_difference():
    pages = {"kk": PAGE.format("kk", "1\N{NO-BREAK SPACE}234,50"), "en": PAGE.format("en", "1,234.50")}

    assert differences({language: Answer(text) for language, text in pages.items()}) == []


@pytest.mark.parametrize(
    ("kk", "ru"),
    [
        ("2026 ж. 22 қараша", "23 ноября 2026 г."),
        ("орын 7", "место"),
        ("орын %(place)s", "место %(place)s"),
        ("None", "None"),
        ("My place", "место"),
        ("орын<a href='/kk/more/'></a>", "место"),
        ("3,1 ×", "3.1 ×"),
    ],
)
def test_a_difference_is_seen(kk, ru):
    assert compared(kk, ru) != []
