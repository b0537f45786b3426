"""The transport signature: what we send keeps to the schema; only what trusted keys signed is read."""

import base64
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from integrations.contract import Outcome, RawReply, Signature
from integrations.fakes import keys
from integrations.gateway import envelope, schema, signing
from integrations.gateway.replies import answer_from
from integrations.sources import ADAPTERS
from tests.unit.integrations import golden
from tests.unit.integrations.golden import body, fault, nothing_inside, query

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
every_source = pytest.mark.parametrize("source", ADAPTERS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    keys.write_pairs(folder)
    keys.write_pair(folder, "stranger")
    keys.write_pair(folder, "old", until=AT - timedelta(seconds=1))
    return folder


@pytest.fixture(name="django_settings")
def _django_settings(settings):  # the name is Hypothesis's in this module
    return settings


@pytest.fixture(scope="module")
def ours(folder):
    return keys.of(folder, keys.OURS, trusting=keys.THEIRS)


@pytest.fixture(scope="module")
def theirs(folder):
    return keys.of(folder, keys.THEIRS, trusting=keys.OURS)


def question(source="zags"):
    return envelope.wrap(
        ADAPTERS[source].build(query(source), None),
        message_id="7b0b9b5e-8d5e-4d6f-9b57-0d1a3d1c2e4f",
        correlation_id=query(source).key,
        service_id=ADAPTERS[source].definition.service_id,
        message_date=AT,
        sender_id="kezek",
        properties={"kind": "housing"},
    )


def answer(raw, signatures, *, source="zags", at=AT):
    reply = RawReply(message_id="m", elapsed=timedelta(0), status=200, body=raw)
    verify = partial(signatures.verify, at=at)
    return answer_from(reply, query(source), adapter=ADAPTERS[source], verify=verify)


@every_source
def test_every_question_keeps_to_our_schema_signed_or_not(source, ours):
    raw = question(source)

    assert schema.first_breach(etree.fromstring(raw)) is None
    assert schema.first_breach(etree.fromstring(ours.sign(raw))) is None


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        ("<requestInfo>", "<info/><requestInfo>", "info"),
        ("<messageId>7b0b9b5e-8d5e-4d6f-9b57-0d1a3d1c2e4f</messageId>", "", "correlationId"),
        ("7b0b9b5e-8d5e-4d6f-9b57-0d1a3d1c2e4f", " ", "messageId"),
        ("2026-09-01T04:00:00+00:00", "2026-09-01T04:00:00", "messageDate"),
        ("2026-09-01T04:00:00+00:00", "yesterday", "messageDate"),
        ("<key>kind</key>", f"<key>{'k' * 31}</key>", "key"),
        ("<value>housing</value>", f"<value>{'v' * 501}</value>", "value"),
        ("</requestInfo>", "<sessionId>{1}</sessionId></requestInfo>", "sessionId"),
        ('<request xmlns="">', '<request xmlns="urn:x">', "*"),
    ],
)
def test_a_breach_of_the_schema_is_named_by_its_element(old, new, element):
    raw = question().decode()
    assert old in raw

    assert schema.first_breach(etree.fromstring(raw.replace(old, new, 1).encode())).startswith(f"{element}: ")


@every_source
def test_a_signed_answer_becomes_its_facts(source, ours, theirs):
    signed = theirs.sign(golden.envelope(source, body(source)))

    result = answer(signed, ours, source=source)

    assert (result.outcome, result.signature) == (Outcome.FOUND, Signature.VALID)
    assert [(fact.kind, fact.value) for fact in result.facts] == golden.GOLDEN[source][2]


def test_a_signature_names_its_algorithms_and_its_certificate(ours):
    signature = next(etree.fromstring(ours.sign(question())).iter(envelope.SIGNATURE_TAG))

    algorithms = {element.get("Algorithm") for element in signature.iter() if element.get("Algorithm")}
    assert algorithms == {
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    }
    reference = next(signature.iter(f"{{{signing.WSSE}}}Reference"))
    token = signature.getparent().find(f"{{{signing.WSSE}}}BinarySecurityToken")
    assert reference.get("URI") == f"#{token.get(f'{{{signing.WSU}}}Id')}"


def moved_body(signed):
    """The signed body in a header that nobody reads, and another one in its place."""
    root = etree.fromstring(signed)
    true_body = root.find(f"{{{envelope.SOAP}}}Body")
    false_body = etree.fromstring(etree.tostring(true_body).replace(b"00000", b"00001"))
    root.replace(true_body, false_body)
    etree.SubElement(root.find(f"{{{envelope.SOAP}}}Header"), "kept").append(true_body)
    return etree.tostring(root)


def moved_body_without_id(signed):
    root = etree.fromstring(moved_body(signed))
    del root.find(f"{{{envelope.SOAP}}}Body").attrib[f"{{{signing.WSU}}}Id"]
    return etree.tostring(root)


def second_body(signed):
    end = f"</{signed.decode().rsplit('</', 1)[1]}".encode()
    extra = b'<x:Body xmlns:x="http://schemas.xmlsoap.org/soap/envelope/"><y/></x:Body>'
    return signed.removesuffix(end) + extra + end


@pytest.mark.parametrize(
    "change",
    [
        lambda signed: signed.replace(b"00000", b"00001"),
        lambda signed: signed.replace(b"2010-06-01", b"2010-06-02"),
        lambda signed: signed.replace(b"xmlenc#sha256", b"xmldsig#sha1"),
        lambda signed: signed.replace(b"rsa-sha256", b"hmac-sha256"),
        lambda signed: signed.replace(b"#body", b""),
        lambda signed: signed.replace(b"SignatureValue>", b"SignatureValue>AA", 1),
        lambda signed: signed.replace(b"BinarySecurityToken", b"Token"),
        moved_body,
        moved_body_without_id,
        second_body,
    ],
)
def test_whatever_is_changed_after_signing_is_a_bad_signature(change, ours, theirs):
    signed = theirs.sign(golden.envelope("zags", body("zags")))
    changed = change(signed)
    assert changed != signed

    result = answer(changed, ours)

    assert (result.outcome, result.facts) == (Outcome.CONTRACT_VIOLATION, ())
    assert result.signature is Signature.INVALID


@settings(max_examples=150)
@given(data=st.data())
def test_no_bytes_make_the_check_raise_or_pass(ours, theirs, data):
    signed = theirs.sign(golden.envelope("zags", body("zags")))
    start = data.draw(st.integers(0, len(signed) - 1))
    end = data.draw(st.integers(start, min(len(signed), start + 40)))
    junk = data.draw(st.binary(max_size=20) | st.sampled_from([b"<", b"&b;", b"\xd0", b"A", b"#x"]))

    result = ours.verify(signed[:start] + junk + signed[end:], at=AT)

    if result.signature is Signature.VALID:
        # What is outside the signed body may be changed; the body itself may not.
        assert result.envelope == ours.verify(signed, at=AT).envelope
    else:
        assert result.envelope == b""


@pytest.mark.parametrize("signer", ["stranger", "old", keys.OURS])
def test_only_a_trusted_and_valid_certificate_counts(signer, folder):
    raw = golden.envelope("zags", body("zags"))
    trusted = "gateway" if signer != "old" else "old"
    ours = keys.of(folder, keys.OURS, trusting=trusted)

    result = answer(keys.of(folder, signer, trusting=keys.OURS).sign(raw), ours)

    assert (result.outcome, result.raw_code) == (Outcome.CONTRACT_VIOLATION, "SIGNATURE_INVALID")


@every_source
@pytest.mark.parametrize("code", ["FOUND", "NOT_FOUND_CONFIRMED", "NO_CONSENT"])
def test_where_signatures_are_demanded_no_unsigned_word_about_a_person_is_believed(source, code, ours):
    raw_code = golden.codes(source)[code]
    inner = None if code == "FOUND" else nothing_inside(source, raw_code)

    result = answer(golden.envelope(source, body(source, inner=inner)), ours, source=source)

    assert (result.outcome, result.raw_code) == (Outcome.CONTRACT_VIOLATION, "SIGNATURE_MISSING")


def test_an_unsigned_fault_only_says_to_come_later(ours):
    assert answer(fault("SCSE001", "SOURCE_UNAVAILABLE"), ours).outcome is Outcome.TEMPORARY


@pytest.mark.parametrize("raw", [b"", b"<a/>", b"<html>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_envelope_verifies_as_unsigned_and_raises_nothing(raw, ours):
    assert ours.verify(raw, at=AT).signature is Signature.ABSENT


def test_the_owners_signature_inside_data_is_not_read_behind_a_good_one(ours, theirs):
    inner = golden.GOLDEN["zags"][1] + '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'
    raw = golden.envelope("zags", body("zags", inner=inner))

    assert answer(theirs.sign(raw), ours).outcome is Outcome.FOUND


def test_without_keys_nothing_is_signed_and_with_them_they_are_read_once(folder, django_settings):
    signing.from_settings.cache_clear()
    django_settings.GATEWAY_KEY_FILE = ""
    assert signing.from_settings() is None
    signing.from_settings.cache_clear()
    django_settings.GATEWAY_KEY_FILE = str(folder / "kezek.key")
    django_settings.GATEWAY_CERTIFICATE_FILE = str(folder / "kezek.crt")
    django_settings.GATEWAY_TRUSTED_FILE = str(folder / "gateway.crt")

    assert isinstance(signing.from_settings(), signing.RsaSignatures)
    assert signing.from_settings() is signing.from_settings()
    signing.from_settings.cache_clear()


class Gost:
    """Stands for a provider of the national standard."""

    @classmethod
    def from_settings(cls):
        return cls()


def test_another_signer_takes_the_place_by_a_setting(django_settings):
    signing.from_settings.cache_clear()
    django_settings.GATEWAY_KEY_FILE = "in a token"
    django_settings.GATEWAY_SIGNATURES = f"{__name__}.Gost"

    assert type(signing.from_settings()).__name__ == "Gost"
    signing.from_settings.cache_clear()


def test_the_token_in_the_header_is_our_certificate(folder, ours):
    token = next(etree.fromstring(ours.sign(question())).iter(f"{{{signing.WSSE}}}BinarySecurityToken"))
    pem = (folder / "kezek.crt").read_text()

    assert base64.b64decode(token.text) == base64.b64decode("".join(pem.splitlines()[1:-1]))
