"""Every reason why a signature is not taken, each found in a CMS that has exactly that wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, cms
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.signatures import names
from allocation.signatures.dev_pki import DevAuthority, DevSigner, Subject, without_signing
from allocation.signatures.dev_verifier import DevPkiVerifier
from allocation.signatures.port import Fault
from tests.factories import invented_iin

AT = datetime(2026, 9, 1, 6, tzinfo=UTC)
DOCUMENT = b'{"format":"manifest/1"}\n'
MEMBER = Subject(iin=invented_iin(1), bin="990140000001")
AUTHORITY = DevAuthority.make()
SIGNER = DevSigner(authority=AUTHORITY)


def verifier(*, revoked=None, until=datetime(2050, 1, 1, tzinfo=UTC), authority=AUTHORITY):
    return DevPkiVerifier(
        authority=authority.own.certificate,
        revoked=x509.load_pem_x509_crl(authority.revoking(revoked or {}, until=until)),
    )


def signed(subject=MEMBER, **options):
    return SIGNER.sign(DOCUMENT, subject=subject, at=options.pop("at", AT), **options)


def changed(content, change):
    """The same CMS with something done to its only signer."""
    info = cms.ContentInfo.load(content)
    change(info["content"])
    return info.dump(force=True)


def fault_of(content, *, document=DOCUMENT, at=AT, **options):
    return verifier(**options).verify(document, content, at).fault


def test_a_good_signature_tells_its_certificate_and_its_moment():
    report = verifier().verify(DOCUMENT, signed(), AT)

    assert report.is_valid
    assert (report.iin, report.bin, report.key_user) == (MEMBER.iin, MEMBER.bin, "EMPLOYEE")
    assert report.stamped_at == AT
    assert report.issuer == "Kezek development CA (test stand)"


def test_neither_what_is_kept_nor_what_is_logged_has_the_iin():
    report = verifier().verify(DOCUMENT, signed(), AT)

    assert MEMBER.iin not in repr(report)
    assert MEMBER.iin not in str(report.as_json())
    assert MEMBER.iin not in repr(MEMBER)


def test_another_document_is_named():
    assert fault_of(signed(), document=DOCUMENT + b" ") is Fault.OTHER_DOCUMENT


def test_a_certificate_is_judged_by_the_moment_of_the_stamp():
    past = replace(MEMBER, valid_until=AT)

    assert fault_of(signed(past), at=AT + timedelta(days=900)) is None
    assert fault_of(signed(past, at=AT + timedelta(seconds=1))) is Fault.EXPIRED


def test_a_certificate_that_begins_later_is_refused():
    later = replace(MEMBER, valid_from=AT + timedelta(seconds=1))

    assert fault_of(signed(later)) is Fault.NOT_YET_VALID


@pytest.mark.parametrize(
    ("since", "fault"), [(AT, Fault.REVOKED), (AT + timedelta(seconds=1), None)], ids=["then", "after"]
)
def test_a_revoked_certificate_signs_nothing_from_that_moment_on(since, fault):
    key = AUTHORITY.issue(MEMBER)
    content = signed(key=key)

    found = fault_of(content, revoked={key.certificate.serial_number: since})

    assert found is fault


def test_a_list_of_revoked_certificates_that_is_too_old_leaves_it_unknown():
    assert fault_of(signed(), until=AT - timedelta(seconds=1)) is Fault.REVOCATION_UNKNOWN


def test_a_list_of_another_authority_leaves_it_unknown():
    own = verifier()
    other = x509.load_pem_x509_crl(DevAuthority.make().revoking({}))

    assert replace(own, revoked=other).verify(DOCUMENT, signed(), AT).fault is Fault.REVOCATION_UNKNOWN


def test_a_key_for_signing_in_signs_no_protocol():
    assert fault_of(signed(without_signing(MEMBER))) is Fault.NOT_FOR_SIGNING


def test_a_key_of_a_private_person_does_not_sign_for_an_organization():
    assert fault_of(signed(replace(MEMBER, key_user=names.INDIVIDUAL))) is Fault.KEY_USER


@pytest.mark.parametrize("key_user", [names.CEO, names.RIGHT_TO_SIGN, names.EMPLOYEE])
def test_who_of_an_organization_may_sign_is_taken(key_user):
    assert fault_of(signed(replace(MEMBER, key_user=key_user))) is None


def test_two_signers_in_one_file_are_refused():
    one, other = (cms.ContentInfo.load(signed()) for _ in range(2))
    both = [one["content"]["signer_infos"][0], other["content"]["signer_infos"][0]]
    one["content"]["signer_infos"] = both

    assert fault_of(one.dump(force=True)) is Fault.NOT_ONE_SIGNER


def test_a_signature_without_a_time_stamp_is_refused():
    assert fault_of(signed(stamped=False)) is Fault.NO_TIME_STAMP


def test_a_time_stamp_of_something_else_is_refused():
    def other_stamp(content):
        token = AUTHORITY.stamp(b"something else", at=AT)
        stamp = {"type": "signature_time_stamp_token", "values": [token]}
        content["signer_infos"][0]["unsigned_attrs"] = [stamp]

    assert fault_of(changed(signed(), other_stamp)) is Fault.BAD_TIME_STAMP


def test_a_time_stamp_that_a_person_made_is_refused():
    forger = replace(AUTHORITY, stamper=AUTHORITY.issue(MEMBER))
    content = DevSigner(authority=forger).sign(DOCUMENT, subject=MEMBER, at=AT)

    assert fault_of(content) is Fault.BAD_TIME_STAMP


def test_an_unknown_authority_is_refused():
    content = DevSigner(authority=DevAuthority.make()).sign(DOCUMENT, subject=MEMBER, at=AT)

    assert fault_of(content) is Fault.UNKNOWN_AUTHORITY


def test_keys_of_the_national_standard_are_named_and_left_to_another_verifier():
    def national(content):
        number = algos.SignedDigestAlgorithmId("1.2.398.3.10.1.1.2.3.2")
        content["signer_infos"][0]["signature_algorithm"] = {"algorithm": number}

    assert fault_of(changed(signed(), national)) is Fault.UNSUPPORTED_GOST


def test_another_digest_than_sha_256_is_refused():
    def weaker(content):
        content["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}

    assert fault_of(changed(signed(), weaker)) is Fault.UNSUPPORTED_ALGORITHM


def test_a_signature_by_another_key_than_the_certificates_is_refused():
    def other_key(content):
        signer = content["signer_infos"][0]
        signer["signature"] = AUTHORITY.issue(MEMBER).sign(b"anything")

    assert fault_of(changed(signed(), other_key)) is Fault.BAD_SIGNATURE


def test_a_signature_that_carries_its_document_is_refused():
    def attach(content):
        content["encap_content_info"] = {"content_type": "data", "content": DOCUMENT}

    assert fault_of(changed(signed(), attach)) is Fault.NOT_DETACHED


def test_a_signature_without_its_certificate_is_refused():
    def without(content):
        content["certificates"] = []

    assert fault_of(changed(signed(), without)) is Fault.NO_CERTIFICATE


@given(content=st.binary(max_size=64))
@settings(max_examples=100)
def test_no_bytes_make_the_verifier_fail(content):
    assert fault_of(content) is Fault.MALFORMED


@given(at=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
@settings(max_examples=150, deadline=None)
def test_a_signature_with_one_bit_changed_never_raises_and_never_tells_another_owner(at, bit):
    content = bytearray(signed(key=KEY))
    content[at % len(content)] ^= 1 << bit

    report = verifier().verify(DOCUMENT, bytes(content), AT)

    assert report.fault is not None or (report.iin, report.stamped_at) == (MEMBER.iin, AT)


KEY = AUTHORITY.issue(MEMBER)
