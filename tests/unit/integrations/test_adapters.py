"""One suite that every adapter passes: whatever a system sends, only a clean answer makes facts."""

import re
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from integrations.contract import Answer, ConsentToken, FactKind, Outcome, Signature
from integrations.fakes import faults
from integrations.fakes.gateway import Gateway, Refused
from integrations.fakes.manners import MANNERS
from integrations.fakes.world import World
from integrations.gateway import envelope as gateway_envelope
from integrations.gateway.schema import first_breach
from integrations.gateway.sending import Sender
from integrations.sources import ADAPTERS
from tests.unit.integrations.golden import (
    AS_OF,
    GOLDEN,
    IIN,
    OTHER_IIN,
    XSI,
    body,
    codes,
    envelope,
    escaped,
    fault,
    nothing_inside,
    query,
)

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
every_source = pytest.mark.parametrize("source", ADAPTERS)


def parse(source: str, raw: bytes) -> Answer:
    return ADAPTERS[source].parse(raw, query(source))


def assert_no_fact(answer: Answer, outcome: Outcome) -> None:
    assert (answer.outcome, answer.facts) == (outcome, ())


def test_every_adapter_has_a_golden_answer():
    assert set(GOLDEN) == set(ADAPTERS)


@every_source
def test_a_golden_answer_becomes_its_facts(source):
    answer = parse(source, envelope(source, body(source)))

    assert answer.outcome is Outcome.FOUND
    assert [(fact.kind, fact.value) for fact in answer.facts] == GOLDEN[source][2]
    assert {(fact.subject_iin, fact.source) for fact in answer.facts} == {(IIN, source)}
    assert answer.source_as_of == datetime(2026, 8, 31, 19, 0, tzinfo=UTC)
    assert answer.session_id == "{5f0e4c4e-0000-4000-8000-000000000000}"
    assert len(answer.envelope_sha256) == 64


@every_source
def test_facts_are_of_the_kinds_and_codes_that_the_source_decides(source):
    definition = ADAPTERS[source].definition

    facts = parse(source, envelope(source, body(source))).facts

    assert {fact.kind for fact in facts} <= definition.answers
    assert {fact.value["code"] for fact in facts if fact.kind is FactKind.STATUS} <= definition.statuses


@every_source
def test_data_may_be_typed_escaped_or_fields_under_an_xsi_type(source):
    under_type = f'<data {XSI} xsi:type="ns:any">{GOLDEN[source][1]}</data>'

    answers = [parse(source, envelope(source, data)) for data in (escaped(body(source)), under_type)]

    expected = GOLDEN[source][2]
    assert [[(fact.kind, fact.value) for fact in answer.facts] for answer in answers] == [expected, expected]


@every_source
def test_nothing_found_is_confirmed_only_by_the_systems_own_code(source):
    nothing = nothing_inside(source, codes(source)["NOT_FOUND_CONFIRMED"])

    answer = parse(source, envelope(source, body(source, inner=nothing)))

    assert_no_fact(answer, Outcome.NOT_FOUND_CONFIRMED)
    assert answer.source_as_of is not None


@every_source
def test_a_missing_consent_is_said_so(source):
    inner = nothing_inside(source, codes(source)["NO_CONSENT"])

    assert_no_fact(parse(source, envelope(source, body(source, inner=inner))), Outcome.NO_CONSENT)


@every_source
def test_an_unknown_code_is_a_breach_and_never_an_absence(source):
    inner = nothing_inside(source, "77777")

    assert_no_fact(parse(source, envelope(source, body(source, inner=inner))), Outcome.CONTRACT_VIOLATION)


@every_source
def test_success_with_nothing_inside_is_a_breach_and_never_an_absence(source):
    inner = nothing_inside(source, codes(source)["FOUND"])

    assert_no_fact(parse(source, envelope(source, body(source, inner=inner))), Outcome.CONTRACT_VIOLATION)


@every_source
@pytest.mark.parametrize("data", [None, "", "   ", "<data/>", "just words", "<x/>"])
def test_success_without_a_body_is_a_breach(source, data):
    assert_no_fact(parse(source, envelope(source, data)), Outcome.CONTRACT_VIOLATION)


@every_source
@pytest.mark.parametrize(
    ("errors", "outcome"),
    [
        (("SCSE001", "X-1", "SOURCE_UNAVAILABLE"), Outcome.TEMPORARY),
        (("SCSE001", "X-1"), Outcome.TEMPORARY),
        (("SCSE001", "SBF-AD-1"), Outcome.ACCESS_DENIED),
        (("SBF-AD-1", "FAULT-015"), Outcome.TEMPORARY),
        (("VAL-JSR-001",), Outcome.PERMANENT),
        ((), Outcome.TEMPORARY),
    ],
)
def test_a_fault_is_read_from_its_innermost_known_error(source, errors, outcome):
    assert_no_fact(parse(source, fault(*errors)), outcome)


@every_source
def test_a_fault_never_confirms_anything(source):
    for outcome in ("FOUND", "NOT_FOUND_CONFIRMED"):
        assert_no_fact(parse(source, fault(codes(source)[outcome])), Outcome.CONTRACT_VIOLATION)


@every_source
def test_the_gateways_own_status_never_confirms_anything(source):
    for outcome in ("FOUND", "NOT_FOUND_CONFIRMED"):
        raw = envelope(source, body(source), status=codes(source)[outcome])
        assert_no_fact(parse(source, raw), Outcome.CONTRACT_VIOLATION)


@every_source
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  \n",
        b"<html><head><title>502</title></head><body>Bad gateway<br>later</body></html>",
        b"<html><body>well-formed</body></html>",
        b'{"status": "ok"}',
        b"\x00\xff\xfe",
    ],
)
def test_what_is_no_envelope_is_a_breach(source, raw):
    assert_no_fact(parse(source, raw), Outcome.CONTRACT_VIOLATION)


@every_source
def test_an_answer_cut_anywhere_makes_no_fact(source):
    whole = envelope(source, body(source))

    for length in range(0, len(whole) - 1, 37):
        assert_no_fact(parse(source, whole[:length]), Outcome.CONTRACT_VIOLATION)


@every_source
def test_entities_are_refused_before_they_are_read(source):
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    file = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
    whole = envelope(source, body(source, inner=GOLDEN[source][1] + "<x>&b;</x>")).decode()

    for doctype in (bomb, file):
        outer = whole.replace("<S:Envelope", doctype + "<S:Envelope", 1)
        assert_no_fact(parse(source, outer.encode()), Outcome.CONTRACT_VIOLATION)
        # libxml2 reads UTF-16 too, where no search for bytes finds the word.
        utf16 = outer.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
        assert_no_fact(parse(source, utf16), Outcome.CONTRACT_VIOLATION)
        inner = doctype + body(source)
        assert_no_fact(parse(source, envelope(source, escaped(inner))), Outcome.CONTRACT_VIOLATION)


@every_source
def test_an_answer_about_another_person_is_a_mismatch(source):
    other = GOLDEN[source][1].replace(f"<iin>{IIN}</iin>", "<iin>851231100092</iin>", 1)

    assert_no_fact(parse(source, envelope(source, body(source, inner=other))), Outcome.IDENTITY_MISMATCH)


@every_source
def test_an_answer_that_does_not_say_about_whom_is_a_breach(source):
    anonymous = GOLDEN[source][1].replace(f"<iin>{IIN}</iin>", "", 1)

    assert_no_fact(parse(source, envelope(source, body(source, inner=anonymous))), Outcome.CONTRACT_VIOLATION)


@every_source
def test_an_answer_to_another_question_is_a_breach(source):
    raw = envelope(source, body(source), correlation_id="another")

    assert_no_fact(parse(source, raw), Outcome.CONTRACT_VIOLATION)


@every_source
def test_a_signature_that_nobody_verified_is_a_bad_one(source):
    header = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'

    answer = parse(source, envelope(source, body(source), header=header))

    assert_no_fact(answer, Outcome.CONTRACT_VIOLATION)
    assert answer.signature is Signature.INVALID


@pytest.mark.parametrize("source", sorted(set(ADAPTERS) - {"gbd_fl"}))
def test_the_same_record_twice_is_one_fact(source):
    inner = GOLDEN[source][1]
    start = inner.index(AS_OF) + len(AS_OF)

    answer = parse(source, envelope(source, body(source, inner=inner + inner[start:])))

    assert [(fact.kind, fact.value) for fact in answer.facts] == GOLDEN[source][2]


@every_source
def test_an_answer_above_the_size_limit_is_a_breach(source):
    padding = "<x>" + "a" * gateway_envelope.SIZE_LIMIT + "</x>"
    raw = envelope(source, body(source, inner=GOLDEN[source][1] + padding))

    answer = parse(source, raw)

    assert_no_fact(answer, Outcome.CONTRACT_VIOLATION)
    assert answer.raw_code == "TOO_LARGE"


@every_source
@pytest.mark.parametrize("wrong", ["31.02.2015", "2015-02-30", "0000-00-00", "вчера", "99999999999"])
def test_a_date_that_is_none_makes_no_fact(source, wrong):
    inner = GOLDEN[source][1]
    for written in ("2015-02-03", "1885-12-31+05:00", "2010-06-01", "2018-03-18"):
        inner = inner.replace(f">{written}<", f">{wrong}<")
    if inner == GOLDEN[source][1]:
        inner = inner.replace("2026-09-01T00:00:00+05:00", wrong)

    assert_no_fact(parse(source, envelope(source, body(source, inner=inner))), Outcome.CONTRACT_VIOLATION)


@every_source
@settings(max_examples=60)
@given(data=st.data())
def test_parse_never_raises(source, data):
    whole = envelope(source, body(source))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 60)))
    junk = data.draw(
        st.binary(max_size=40) | st.sampled_from([b"<", b"</iin>", b"&b;", b"\xd0", b"<iin/>", b"-1"])
    )

    answer = parse(source, whole[:start] + junk + whole[end:])

    assert isinstance(answer.outcome, Outcome)
    assert (answer.outcome is Outcome.FOUND) == bool(answer.facts)


@every_source
@settings(max_examples=40)
@given(words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), data=st.data())
def test_no_text_in_any_field_breaks_the_reading(source, words, data):
    inner = GOLDEN[source][1]
    parts = [part.rstrip("\n") for part in inner.replace("<", "\x00<").split("\x00")]
    field = data.draw(st.sampled_from([part for part in parts if part and not part.endswith(">")]))
    tag = field[: field.index(">") + 1]
    changed = inner.replace(field, tag + words.replace("&", "&amp;").replace("<", "&lt;"), 1)

    answer = parse(source, envelope(source, body(source, inner=changed)))

    assert isinstance(answer.outcome, Outcome)
    assert all(fact.subject_iin == IIN for fact in answer.facts)


@every_source
@given(raw=st.binary(max_size=300))
@settings(max_examples=30)
def test_parse_never_raises_on_noise(source, raw):
    assert_no_fact(parse(source, raw), Outcome.CONTRACT_VIOLATION)


@every_source
def test_the_strict_gateway_accepts_every_question_once(source):
    gateway = Gateway(
        world=World(lines={}, as_of=None), profile=faults.quiet(MANNERS), log=print, clock=lambda: AT
    )
    message_id = str(uuid.uuid4())
    raw = gateway_envelope.wrap(
        ADAPTERS[source].build(query(source), None),
        message_id=message_id,
        correlation_id=query(source).key,
        service_id=ADAPTERS[source].definition.service_id,
        message_date=AT,
        sender_id="kezek",
    )

    question = gateway.accept(raw)

    assert (question.source, question.asked.iin, question.message_id) == (source, IIN, message_id)
    with pytest.raises(Refused, match="used before"):
        gateway.accept(raw)


@every_source
def test_a_question_says_its_moment_with_an_offset_and_its_body_is_one_element(source):
    token = ConsentToken(code="<c>", public_key="&k") if ADAPTERS[source].definition.needs_token else None
    body_ = ADAPTERS[source].build(query(source), token)
    message = Sender().message(
        body_,
        source=source,
        service_id=ADAPTERS[source].definition.service_id,
        message_id=uuid.uuid4(),
        correlation_id=query(source).key,
        timeout=ADAPTERS[source].definition.timeout,
        at=AT,
    )

    root = etree.fromstring(message.body)
    assert first_breach(root) is None
    assert datetime.fromisoformat(root.findtext(".//messageDate")).utcoffset() is not None
    assert len(root.find(".//requestData/data")) == 1
    assert (b"&lt;c&gt;" in body_) == ADAPTERS[source].definition.needs_token
    assert message.timeout.total_seconds() > 0


@every_source
def test_an_expired_token_makes_no_fact(source):
    expired = codes(source).get("CONSENT_EXPIRED")
    if not ADAPTERS[source].definition.needs_token:
        assert expired is None
        return
    raw = envelope(source, body(source, inner=nothing_inside(source, expired)))

    assert_no_fact(parse(source, raw), Outcome.CONSENT_EXPIRED)


@every_source
@pytest.mark.parametrize("letters", ["әғқңөұүһіӘҒҚҢӨҰҮҺІ" * 500, "a" * 100_000, "\u200b\u00a0", "]]>&amp;"])
def test_long_and_strange_texts_are_read_to_the_end(source, letters):
    inner = GOLDEN[source][1] + f"<note>{letters.replace(']]>', ']]&gt;')}</note>"

    answer = parse(source, envelope(source, body(source, inner=inner)))

    assert [(fact.kind, fact.value) for fact in answer.facts] == GOLDEN[source][2]


@every_source
def test_fields_that_a_system_leaves_out_never_become_an_absence(source):
    """Each leaf is left out in turn: facts of a kind that the source gives, or none, never "nothing"."""
    inner = GOLDEN[source][1]
    for leaf in re.findall(r"<[A-Za-z]+>[^<]*</[A-Za-z]+>", inner):
        answer = parse(source, envelope(source, body(source, inner=inner.replace(leaf, "", 1))))

        assert answer.outcome in {Outcome.FOUND, Outcome.CONTRACT_VIOLATION}
        assert {fact.kind for fact in answer.facts} <= ADAPTERS[source].definition.answers


@every_source
def test_no_iin_in_anything_that_may_be_printed(source):
    answer = parse(source, envelope(source, body(source)))

    assert IIN not in repr(query(source)) + repr(answer)
    assert OTHER_IIN not in repr(answer)
