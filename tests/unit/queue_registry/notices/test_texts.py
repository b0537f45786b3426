"""What notices say: ground, article, term, the way to object, where to turn; no IIN and nobody's name."""

import io
import re

import pytest
from django.utils import translation
from pypdf import PdfReader

from queue_registry import article_presenters, formats, ground_presenters, presenters
from queue_registry.documents import notice_letter, typesetting
from queue_registry.models import Notice, NoticeDelivery
from queue_registry.notices import texts
from queue_registry.notices.texts import text_of
from queue_registry.selectors import notices as selectors
from queue_registry.services import notices
from tests import factories
from tests.factories import AT, ON

pytestmark = pytest.mark.django_db
IIN = factories.invented_iin(7)
ROUND = {"round": "R-2026-1", "round_id": 1}
HOME = {
    "number": "D-1",
    "programme": "",
    "address_kk": "Ойдан көшесі, 1",
    "address_ru": "улица Вымышленная, 1",
    "rooms": 2,
    "area": "52.8",
    "floor": 3,
    "lift": True,
    "accessible": False,
    "finish": "ROUGH",
}
KINDS = {
    "REGISTERED": {"lists": ["2", "4"], "registered_at": AT.isoformat()},
    "REFUSED": {
        "ground": "OWNS_DWELLING",
        "article": "art 69, 71",
        "complaint_until": "2026-12-01",
        "complaint_decided": 20,
    },
    "SUSPENDED": {
        "ground": "DATA_CONTRADICT",
        "article": "ours: the Law is silent",
        "list": "4",
        "complaint_until": "2026-12-01",
    },
    "REMOVAL_PROPOSED": {
        "ground": "ACQUIRED_DWELLING",
        "article": "art 73(1)",
        "evidence_source": "egkn",
        "evidence_as_of": AT.isoformat(),
        "objections_days": 2,
        "removal_notice_days": 3,
        "case": 1,
    },
    "DEREGISTERED": {
        "ground": "MOVED_AWAY",
        "article": "art 73(1)",
        "list": "4",
        "complaint_until": "2026-12-01",
    },
    "REINSTATED": {"list": "4", "registered_at": AT.isoformat(), "source": "COURT"},
    "REVIEW_DECIDED": {"outcome": "UPHELD", "source": "CITIZEN"},
    "REDATED": {
        "ground": "DIGITIZATION",
        "article": "ours: an error of digitization against the source document",
        "was": AT.isoformat(),
        "registered_at": AT.isoformat(),
        "complaint_until": "2026-12-01",
    },
    "SUCCESSION": {"ground": "DEATH", "article": "art 73"},
    "DATA_DISPUTE_SETTLED": {
        "outcome": "CORRECTED",
        "said_on": "2026-09-01",
        "complaint_until": "2026-12-01",
    },
    "OFFER_MADE": {**ROUND, "list": "4", "answer_by": "2026-09-08", "home": HOME},
    "RESERVE_CALLED": {**ROUND, "list": "4", "answer_by": "2026-09-08", "home": HOME},
    "OFFER_EXPIRED": {**ROUND, "list": "4", "complaint_until": "2026-12-01"},
    "OFFER_WITHDRAWN": {**ROUND, "list": "4", "complaint_until": "2026-12-01"},
    "HOUSED": {**ROUND, "contract": "D-2026-1"},
    "PASSED_OVER": {
        **ROUND,
        "lines": [{"list": "4", "place": 7, "code": "INELIGIBLE:OWNS_DWELLING"}],
        "complaint_until": "2026-12-01",
    },
    "CONTRACT_DUE": {**ROUND, "list": "4", "sign_by": "2026-09-15", "home": HOME},
    "CONTRACT_NOT_SIGNED": {**ROUND, "list": "4", "complaint_until": "2026-12-01"},
    "TENANCY_ANNULLED": {
        **ROUND,
        "list": "4",
        "contract": "D-2026-1",
        "ground": "ORDER_BREACHED",
        "complaint_until": "2026-12-01",
    },
    "DEPARTED_FROM": {**ROUND, "list": "4", "ground": "COURT_ACT", "complaint_until": "2026-12-01"},
}
# An SMS in Kazakh letters has 67 signs a part: six parts at the most.
LONGEST_SMS = 6 * 67


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


def notice_of(entry, kind, **facts):
    # What somebody typed is among the facts of some notices, and never in their words.
    typed = {"decision": f"Иванова Анна, {IIN}", "handed_over": f"Иванова, {IIN}"}
    return Notice(
        application=entry.application,
        kind=kind,
        facts={**typed, **KINDS[kind], **facts},
        due_on=ON,
        created_at=AT,
    )


def everything(text):
    return "\n".join([text.subject, text.short, *text.paragraphs])


def test_every_kind_has_an_example():
    assert set(KINDS) == set(Notice.Kind)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_names_the_file_the_akimat_and_no_person(town, entry, kind, language):
    text = text_of(notice_of(entry, kind), language=language)

    said = everything(text)
    name = town.akimat.name_ru if language == "ru" else town.akimat.name_kk
    assert name in said
    assert entry.file_number in text.short
    assert entry.file_number in text.subject
    assert not re.search(r"\d{12}", said)
    assert [word for word in (IIN, "Иванова", entry.applicant.last_name) if word in said] == []
    assert len(text.short) <= LONGEST_SMS


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_typed_number_that_could_be_an_iin_is_hidden_even_among_codes(entry, language):
    said = everything(text_of(notice_of(entry, "REINSTATED", list=IIN), language=language))

    assert IIN not in said


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_refusal_says_ground_article_and_until_when_it_is_contested(entry, language):
    with translation.override(language):
        text = text_of(notice_of(entry, "DEREGISTERED"), language=language)
        until = formats.day(ON.replace(month=12))

        said = everything(text)
        assert ground_presenters.removal_ground("MOVED_AWAY") in said
        assert article_presenters.article("art 73(1)") in said
        assert presenters.list_name("4") in said
    assert until in said
    assert until in text.short


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_proposed_removal_says_on_whose_data_it_rests(entry, language):
    with translation.override(language):
        said = everything(text_of(notice_of(entry, "REMOVAL_PROPOSED"), language=language))

        assert presenters.source("egkn") in said
        assert formats.day(AT) in said


def test_a_proposed_removal_that_was_handed_over_says_the_days(entry):
    days = {"objections_until": "2026-09-03", "decision_from": "2026-09-07"}

    said = everything(text_of(notice_of(entry, "REMOVAL_PROPOSED", **days), language="ru"))

    assert "3\N{NO-BREAK SPACE}сентября" in said
    assert "7\N{NO-BREAK SPACE}сентября" in said


def test_the_page_stands_as_it_was_when_a_language_is_chosen_for_a_notice(entry):
    with translation.override("kk"):
        text_of(notice_of(entry, "REFUSED"), language="ru")

        assert translation.get_language() == "kk"


GOLDEN = {
    "kk": (
        "Деректердегі қате туралы хабарламаңызға жауап, {number}",
        (
            "Деректеріңіздегі қате туралы хабарламаңызға (2026 ж. 1 қыркүйек) жауап берілді. "
            "Әкімдік келіседі: деректер түзетілді."
        ),
        "Себебі деректер бетінде, сол жолдың жанында көрсетілген: {address}",
        "2026 ж. 1 желтоқсан",
    ),
    "ru": (
        "Ответ на сообщение об ошибке в сведениях, {number}",
        (
            "На ваше сообщение об ошибке в сведениях от 1 сентября 2026 г. дан ответ. "
            "Акимат согласен: сведения исправлены."
        ),
        "Причина указана на странице ваших сведений, рядом с этой строкой: {address}",
        "1 декабря 2026 г.",
    ),
}


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_an_answer_about_data_is_told_word_for_word_and_its_reason_stays_behind_the_code(
    entry, settings, language
):
    settings.PUBLIC_URL = "https://kezek.example"
    text = text_of(notice_of(entry, "DATA_DISPUTE_SETTLED", decision="Выписка № 5"), language=language)

    subject, what, why, contest_until = (
        one.format(number=entry.file_number, address=f"https://kezek.example/{language}/my-data/")
        for one in GOLDEN[language]
    )
    plain = [one.replace("\N{NO-BREAK SPACE}", " ") for one in (text.short, *text.paragraphs)]
    assert text.subject == subject
    assert plain[2:4] == [what, why]
    assert contest_until in plain[0]
    assert what in plain[0]
    assert "Выписка" not in everything(text)


# Letters


def letters(town, entries):
    for kind, entry in zip(KINDS, entries, strict=False):
        notices.order(application=entry.application, kind=kind, facts=KINDS[kind], due_on=ON, at=AT)
    return list(selectors.list_due_letters(town.akimat))


def words_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def flat(text):
    return "".join(text.split())


def test_letters_of_many_cases_are_one_file_in_both_languages(town):
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3)]

    printed = words_of(notice_letter.pdf(letters(town, entries), akimat=town.akimat, at=AT))

    content = flat(printed)
    for entry, letter in zip(entries, NoticeDelivery.objects.order_by("pk"), strict=True):
        assert flat(entry.applicant.full_name) in content
        for language in texts.LANGUAGES:
            text = text_of(letter.notice, language=language)
            assert [one for one in (text.subject, *text.paragraphs) if flat(one) not in content] == []
    assert flat("2026 ж. 1 қыркүйек") in content
    assert flat("1 сентября 2026 г.") in content
    assert not re.search(r"\d{12}", printed.replace("1" * 16, ""))


def test_a_letter_names_nobody_of_another(town):
    first, second = (factories.waiting(town, day=day) for day in (1, 2))
    document = notice_letter.document(letters(town, [first, second]), akimat=town.akimat, at=AT)

    assert [letter["name"] for letter in document["letters"]] == [
        first.applicant.full_name,
        first.applicant.full_name,
        second.applicant.full_name,
        second.applicant.full_name,
    ]
    assert [letter["language"] for letter in document["letters"]] == ["kk", "ru", "kk", "ru"]
    own = str(document["letters"][:2])
    assert second.applicant.last_name not in own
    assert second.file_number not in own


def test_a_letter_is_addressed_by_the_code_that_the_register_tells(town, entry):
    document = notice_letter.document(letters(town, [entry]), akimat=town.akimat, at=AT)

    assert "1" * 16 in document["letters"][0]["address"]


def test_the_same_letters_make_the_same_bytes(town, entry):
    document = notice_letter.document(letters(town, [entry]), akimat=town.akimat, at=AT)

    first, again = (typesetting.pdf(document, layout=notice_letter.LAYOUT) for _ in range(2))
    assert first == again
    assert b"<pdfaid:part>2</pdfaid:part>" in first


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_an_offer_says_all_of_the_home_and_until_when_it_is_answered(entry, language):
    with translation.override(language):
        text = text_of(notice_of(entry, "OFFER_MADE"), language=language)
        until = formats.day(ON.replace(day=8))

    said = everything(text)
    assert [part for part in (HOME[f"address_{language}"], "52.8", until) if part not in said] == []
    assert until in text.short


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_place_of_a_loan_programme_has_no_walls(entry, language):
    home = {**HOME, "address_kk": "", "address_ru": "", "programme": "2-10-20", "rooms": None}

    assert "2-10-20" in everything(text_of(notice_of(entry, "OFFER_MADE", home=home), language=language))


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_who_was_passed_over_reads_why_and_where_to_check(entry, language):
    with translation.override(language):
        reason = presenters.reason("OWNS_DWELLING")

    said = everything(text_of(notice_of(entry, "PASSED_OVER"), language=language))

    assert reason in said
    assert "/rounds/1/" in said
