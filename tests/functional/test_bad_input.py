"""
Whatever somebody types, sends, forges or sends again: the public pages answer, keep what can be kept, show
nothing of others, and nothing of what was typed is run.
"""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from queue_registry import forms, my_data_forms
from queue_registry.models import AuditEvent, DataDispute
from queue_registry.notices.fake import FakeProvider
from queue_registry.rules.certificates import shown
from queue_registry.selectors import clock
from queue_registry.selectors.family_adults import Adult
from queue_registry.services import certificates
from queue_registry.views import look_up, look_up_limits, my_consent
from tests import factories, situations
from tests.factories import AT
from tests.unit.queue_registry.services.sending import reached

pytestmark = pytest.mark.django_db
HOSTILE = {
    "long": "1" * 10_000,
    "long words": "слово " * 1_700,
    "nul": "27\x00",
    "right to left": "\u202e271010\u200f-0000001\u202c",
    "emoji": "👩‍👩‍👧‍👦🏠" * 5,
    "sql": "' OR '1'='1'; DROP TABLE queue_registry_person; --",
    "template": "{{ 7777*7777 }}{% debug %}${7777*7777}<%= 7777*7777 %>",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '" autofocus onfocus="alert(1)',
    "line breaks": "271010\r\nSet-Cookie: a=b",
    "surrogates": "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "empty": "",
    "blank": " \t\n",
}
IINS = {
    "eleven": "99010123456",
    "thirteen": "9901012345678",
    "letters": "99010I2345O7",
    "arabic digits": "٩٩٠١٠١٢٣٤٥٦٧",
    "full width": "".join(chr(0xFF10 + int(digit)) for digit in "990101234567"),
    "superscript": "⁹⁹⁰¹⁰¹²³⁴⁵⁶⁷",
    "comma": "990101,234567",
    "sign": "+990101234567",
    "float": "9.90101234567e11",
    "hex": "0x990101234567",
    "month 13": "991301234567",
    "all zeros": "000000000000",
}
PAGES = ("/ru/", "/ru/offer/", "/ru/my-data/", "/ru/my-data/consent/", "/ru/old-number/")


@pytest.fixture
def town(settings, tmp_path, monkeypatch):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    settings.LOOK_UPS_PER_ADDRESS = settings.FAILURES_PER_FILE_NUMBER = "1000/minute"
    settings.FAILURES_PER_IIN = "1000/minute"
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()
    monkeypatch.setattr(clock, "now", lambda: AT)
    return factories.town()


@pytest.fixture
def entry(town):
    made = factories.waiting(town, facts=[factories.dwelling_owned(share="1/3")])
    reached(town, made)
    return made


def post(address, **fields):
    """As a browser without cookies does; a view that wanted a token against forgery would refuse it."""
    return Client(enforce_csrf_checks=True).post(address, fields)


def field(page, name):
    return html.fromstring(page.content.decode()).xpath(f"string(//input[@name='{name}']/@value)")


def assert_harmless(page, typed):
    shown = page.content.decode()
    assert page.status_code in {200, 409}
    assert page.headers["Cache-Control"] == "no-store"
    assert page.cookies == {}
    assert "60481729" not in shown
    assert "onerror=alert(1)>" not in shown
    assert not html.fromstring(shown).xpath("//*[@onfocus] | //script")
    assert "Traceback" not in shown
    if "<" in typed or '"' in typed:
        assert typed not in shown


def unlocked(entry):
    token = look_up.token_of(entry.application_id)
    post("/ru/my-data/", token=token, send="first")
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    code = [code for text in texts for code in re.findall(r"\b\d{6}\b(?!-)", text)][-1]
    return post("/ru/my-data/", token=token, code=code)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("typed", [*HOSTILE.values(), *IINS.values()], ids=[*HOSTILE, *IINS])
def test_every_look_up_answers_whatever_is_typed_in_either_field(town, entry, address, typed):
    for fields in (
        {"file_number": typed, "iin": entry.applicant.iin, "number": typed, "source": "spp"},
        {"file_number": entry.file_number, "iin": typed, "number": "1", "source": typed},
        {"file_number": typed, "iin": typed, "number": typed, "source": typed},
    ):
        page = post(address, **fields)

        assert_harmless(page, typed)
        assert not field(page, "token")
        assert entry.applicant.last_name not in page.content.decode()


@pytest.mark.parametrize("address", ["/ru/", "/ru/offer/", "/ru/my-data/", "/ru/my-data/consent/"])
@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_a_forged_token_or_pass_leads_back_to_the_two_numbers(town, entry, address, typed):
    for name in ("token", "pass"):
        page = post(address, **{name: typed, "step": "show", "code": "123456", "answer": "ACCEPT"})

        assert_harmless(page, typed)
        assert entry.file_number not in page.content.decode()


@pytest.mark.parametrize("address", ["/ru/", "/ru/offer/", "/ru/my-data/"])
def test_a_token_is_good_for_half_an_hour(entry, address, monkeypatch):
    now = signing.time.time()
    token = look_up.token_of(entry.application_id)

    monkeypatch.setattr(signing.time, "time", lambda: now + 29 * 60)
    assert "form-group--error" not in post(address, token=token).content.decode()
    assert field(post(address, token=token), "token")
    monkeypatch.setattr(signing.time, "time", lambda: now + 30 * 60 + 2)

    assert not field(post(address, token=token), "token")


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_a_code_of_any_shape_opens_nothing(entry, typed):
    token = look_up.token_of(entry.application_id)
    post("/ru/my-data/", token=token, send="first")

    page = post("/ru/my-data/", token=token, code=typed)

    assert_harmless(page, typed)
    assert not field(page, "pass")
    assert not AuditEvent.objects.filter(event="my_data.unlocked").exists()


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_a_claim_of_any_words_is_kept_as_text_or_refused(entry, typed):
    page = unlocked(entry)
    row = html.fromstring(page.content.decode()).xpath("string((//input[@name='row']/@value)[last()])")
    told = {"pass": field(page, "pass"), "step": "dispute"}

    assert_harmless(post("/ru/my-data/", **told, row=typed, claim="x"), typed)
    assert not DataDispute.objects.exists()
    assert_harmless(post("/ru/my-data/", **told, row=row, claim=typed), typed)

    kept = list(DataDispute.objects.values_list("claim", flat=True))
    assert kept in ([], [typed.strip()], [typed.replace("\r\n", "\n").strip()])
    assert bool(kept) == (0 < len(typed.strip()) <= 1000 and "\x00" not in typed)


@pytest.mark.parametrize("address", PAGES)
def test_what_was_typed_goes_along_when_the_language_is_changed(entry, address):
    typed = {"file_number": "271010-00000", "number": "00000", "iin": "<b>9901", "language": "kk"}

    page = post(address.replace("ru", "kk"), **typed)

    document = html.fromstring(page.content.decode())
    assert "<b>9901" in document.xpath("//form[@id='kept']//input[@name='iin']/@value")
    assert "00000" in " ".join(document.xpath("//form[@id='kept']//input/@value"))
    assert document.xpath("string(/html/@lang)") == "kk"
    assert not document.xpath("//*[contains(@class, 'govuk-error-summary')]")
    # No look-up was made, and none counted.
    assert post(address, **typed).status_code == 200


def test_a_claim_that_is_being_written_goes_along_and_opens_nothing(entry):
    page = unlocked(entry)
    row = html.fromstring(page.content.decode()).xpath("string((//input[@name='row']/@value)[last()])")
    told = {"pass": field(page, "pass"), "step": "dispute", "row": row, "claim": "Үлесім жоқ"}

    switched = post("/kk/my-data/", **told, language="kk")

    assert "Үлесім жоқ" in switched.content.decode()
    assert not DataDispute.objects.exists()


@pytest.mark.parametrize("step", ["withdraw", "consent"])
def test_changing_the_language_does_nothing_else(entry, step):
    told = {"pass": look_up.pass_of(entry.application_id), "step": step}

    page = post("/kk/my-data/", **told, language="kk")

    assert page.status_code == 200
    assert not entry.applicant.consent_withdrawals.exists()


def test_two_tabs_share_one_telephone_and_the_newest_code_counts(entry):
    tokens, codes, known = [look_up.token_of(entry.application_id) for _ in range(2)], [], set()
    for token in tokens:
        post("/ru/my-data/", token=token, send="first")
        texts = {message["text"] for message in FakeProvider.from_settings().list_sent()}
        (new,) = texts - known or texts
        codes.append(re.search(r"\b\d{6}\b(?!-)", new).group())
        known = texts

    if codes[0] != codes[1]:
        assert not field(post("/ru/my-data/", token=tokens[0], code=codes[0]), "pass")
    assert field(post("/ru/my-data/", token=tokens[0], code=codes[1]), "pass")


@pytest.mark.parametrize("address", PAGES)
def test_what_stands_in_an_address_is_not_taken_and_not_shown(entry, address):
    told = {"file_number": entry.file_number, "iin": entry.applicant.iin}

    page = Client().get(address, told)

    assert entry.applicant.iin not in page.content.decode()
    assert not field(page, "token")
    assert Client().put(address).status_code == 405


@given(text=st.text(max_size=80))
def test_no_text_breaks_the_cleaning_of_the_fields(text):
    assert not forms.LookUp({"file_number": text, "iin": text}).is_valid()
    for form in (my_data_forms.Code({"code": text}), my_data_forms.Dispute({"claim": text})):
        valid = form.is_valid()
        assert valid == (not form.errors)
        if valid:
            assert all(value for value in form.cleaned_data.values()) or "code" in form.fields


CERTIFICATE = "/ru/certificate/"


@pytest.fixture
def code(entry):
    issued, _ = certificates.issue(application_id=entry.application_id, language="kk", at=AT)
    return shown(issued.code)


@pytest.mark.parametrize("typed", [*HOSTILE.values(), *IINS.values()], ids=[*HOSTILE, *IINS])
def test_a_certificate_answers_whatever_is_typed_as_its_code_or_as_the_iin(entry, code, typed):
    checked = Client().get(CERTIFICATE, {"code": typed})

    assert_harmless(checked, typed)
    assert "govuk-error-summary" in checked.content.decode()
    for fields in ({"code": typed, "iin": entry.applicant.iin}, {"code": code, "iin": typed}):
        page = post(CERTIFICATE, **fields)

        assert_harmless(page, typed)
        assert entry.file_number not in page.content.decode()


def test_a_certificate_of_another_person_opens_nothing_with_the_own_iin(town, entry, code):
    other = factories.waiting(town, day=2)

    page = post(CERTIFICATE, code=code, iin=other.applicant.iin)

    assert page.content == post(CERTIFICATE, code="7K2M-94QD-0XRA-V8TE", iin=other.applicant.iin).content
    assert [one for one in (entry.file_number, other.file_number) if one in page.content.decode()] == []


def test_a_code_from_the_telephone_that_is_too_old_opens_nothing(entry, monkeypatch):
    token = look_up.token_of(entry.application_id)
    post("/ru/my-data/", token=token, send="first")
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    sent = re.findall(r"\b\d{6}\b(?!-)", texts[-1])[-1]
    late = AT + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: late)

    page = post("/ru/my-data/", token=token, code=sent)

    assert page.status_code == 409
    assert not field(page, "pass")


@pytest.mark.parametrize("name", ["akimat", "on", "members", "income_1", "income_4", "benefits"])
@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_the_ladder_answers_whatever_is_typed_in_any_of_its_fields(town, name, typed):
    told = {"akimat": town.akimat.pk, "on": "2026-09-01", "members": "2", "income_1": "100"}

    page = post("/ru/ladder/", **(told | {name: typed}))

    assert_harmless(page, typed)
    wrong = html.fromstring(page.content.decode()).xpath("//*[@aria-invalid='true']/@name")
    optional = name in {"income_4", "benefits"} and not typed.strip()
    # Ten thousand digits are no amount, and ten thousand of anything are no number of people.
    assert wrong == ([] if optional else [name])


@pytest.mark.parametrize("name", ["answer", "reason", "code"])
@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_to_an_offer_of_any_shape_answers_nothing(town, name, typed):
    mine = situations.offer_open(town)
    told = {"answer": "REFUSE", "reason": "Тесно", "code": "123456", "token": look_up.token_of(mine.pk)}

    page = post("/ru/offer/", **(told | {name: typed}))

    assert_harmless(page, typed)
    assert not mine.entries.get().offers.exclude(state="OPEN").exists()


@pytest.mark.parametrize("name", ["choice", "code"])
@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_a_consent_of_any_shape_is_none(entry, name, typed):
    adult = Adult(application=entry.application, person=entry.applicant)
    told = {"choice": "TAKE_BACK", "code": "123456", "token": my_consent.token_of(adult)}

    page = post("/ru/my-data/consent/", **(told | {name: typed}))

    assert_harmless(page, typed)
    assert not entry.applicant.consent_withdrawals.exists()


def test_a_ladder_half_filled_goes_along_when_the_language_is_changed_and_a_whole_one_is_answered(town):
    half = {"akimat": town.akimat.pk, "on": "2026-08-31", "members": "", "income_1": "<b>12"}

    page = post("/kk/ladder/", **half, language="kk")

    document = html.fromstring(page.content.decode())
    assert document.xpath("//form[@id='kept']//input[@name='income_1']/@value") == ["<b>12"]
    assert document.xpath("//form[@id='kept']//input[@name='on']/@value") == ["2026-08-31"]
    assert document.xpath("//select/option[@selected]/@value") == [str(town.akimat.pk)]
    assert not document.xpath("//*[contains(@class, 'govuk-error-summary')]")
    whole = post("/kk/ladder/", **(half | {"members": "1", "income_1": "1"}), language="kk")
    assert html.fromstring(whole.content.decode()).xpath("//*[contains(@class, 'kz-row--mine')]")


def test_a_certificate_goes_along_when_the_language_is_changed(entry, code):
    half = html.fromstring(Client().get("/kk/certificate/", {"code": "7K2M", "language": "kk"}).content)
    own = html.fromstring(post("/kk/certificate/", code=code, iin="9901", language="kk").content.decode())
    whole = html.fromstring(Client().get("/kk/certificate/", {"code": code, "language": "kk"}).content)

    assert half.xpath("//form[@id='check']//input[@name='code']/@value") == ["7K2M"]
    assert own.xpath("//form[@id='own']//input/@value") == [code, "9901"]
    for page in (half, own):
        assert not page.xpath("//*[contains(@class, 'govuk-error-summary')]")
    assert whole.xpath("//*[@id='genuine']")
    assert whole.xpath("//form[@id='checked']//input[@name='code']/@value") == [code]


def test_two_tabs_of_one_certificate_and_of_one_place_do_not_disturb_each_other(entry):
    told = {"file_number": entry.file_number, "iin": entry.applicant.iin}
    tabs = [field(post("/ru/", **told), "token") for _ in range(2)]
    issued = [post("/ru/certificate/pdf/", token=token) for token in tabs]

    assert [one.headers["Content-Type"] for one in issued] == ["application/pdf"] * 2
    assert issued[0].headers["Content-Disposition"] == issued[1].headers["Content-Disposition"]
    assert all(field(post("/ru/", token=token), "token") for token in tabs)
