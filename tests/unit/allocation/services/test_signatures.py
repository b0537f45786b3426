"""The commission signs what it decided: who may, over which bytes, in which order, and when it is locked."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import Error

from allocation.models import Manifest, Signature, Sitting, SittingMember, Vote
from allocation.rules.refusals import Refusal, Refused
from allocation.services import decisions, manifests, protocols, signatures
from allocation.signatures.dev_pki import DevAuthority, DevSigner, without_signing
from queue_registry.models import AuditEvent
from tests import contracts, factories
from tests.factories import AT

SECOND = timedelta(seconds=1)


@pytest.fixture
def authority(settings, tmp_path):
    return contracts.set_up_signing(settings, tmp_path)


@pytest.fixture
def sitting(town, authority):
    factories.waiting(town)
    decision = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    manifests.make(sitting_id=decision.sitting_id, at=AT)
    return contracts.reloaded(decision.sitting)


def refusal_of(act, *arguments, **options):
    """The code and the fault; nothing was written."""
    before = (Signature.objects.count(), AuditEvent.objects.count())
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    assert (Signature.objects.count(), AuditEvent.objects.count()) == before
    return refused.value.code, refused.value.detail.get("fault", "")


def fault_of(authority, sitting, user, **changes):
    code, fault = refusal_of(contracts.sign, authority, sitting, user, **changes)
    assert code is Refusal.SIGNATURE_REFUSED
    return fault


def test_the_manifest_says_what_was_decided_and_binds_both_protocols(sitting):
    manifest = json.loads(bytes(sitting.manifest.content))

    papers = dict(sitting.protocols.values_list("language", "sha256"))
    assert manifest["sha256"]["protocols"] == papers
    assert set(papers) == {"kk", "ru"}
    assert manifest["decision"]["outcome"] == "CONFIRMED"
    assert [vote["choice"] for vote in manifest["votes"]] == ["FOR"] * 5
    assert manifest["sha256"]["result"] == sitting.run.result_sha256
    record = AuditEvent.objects.get(event="decision.confirmed")
    assert manifest["trail"] == {"frozen": sitting.run.round.trail_head, "decided": record.sha256}


def test_made_again_the_manifest_is_the_same_and_nothing_is_written(sitting):
    before = AuditEvent.objects.count()

    again = manifests.make(sitting_id=sitting.pk, at=AT + SECOND)

    assert bytes(again.content) == bytes(sitting.manifest.content)
    assert (Manifest.objects.count(), AuditEvent.objects.count()) == (1, before)


def test_a_manifest_whose_rows_were_changed_is_not_made_again(sitting):
    SittingMember.objects.filter(sitting=sitting, user__username="member2").update(is_chair=False)
    Sitting.objects.filter(pk=sitting.pk).update(place="Elsewhere")

    with pytest.raises((manifests.ManifestDiffers, protocols.ProtocolDiffers)):
        manifests.make(sitting_id=sitting.pk, at=AT)


def test_nothing_is_signed_before_it_is_decided(town, authority):
    undecided = factories.convened(town)

    with pytest.raises(protocols.NotDecided):
        manifests.make(sitting_id=undecided.pk, at=AT)
    act = {"sitting_id": undecided.pk, "signed_sha256": "0" * 64, "cms": b"", "by": town.chair, "at": AT}
    assert refusal_of(signatures.sign, **act) == (Refusal.NOTHING_TO_SIGN, "")


def test_as_many_as_make_a_quorum_sign_and_who_presides_locks(town, authority, sitting):
    for name in ("member1", "member2", "member3"):
        contracts.sign(authority, sitting, town.staff[name])
    assert contracts.reloaded(sitting).locked_at is None

    last = contracts.sign(authority, sitting, town.chair)

    locked = contracts.reloaded(sitting)
    assert locked.locked_at == AT
    assert last.signed_sha256 != locked.manifest.sha256
    record = AuditEvent.objects.filter(event="protocol.signed").latest("seq")
    assert (record.data["locked"], record.actor) == (True, "chair")


def test_what_closes_names_the_manifest_and_every_signature_before(town, authority, sitting):
    others = [contracts.sign(authority, sitting, town.staff[f"member{n}"]) for n in (1, 2, 3)]

    closing = json.loads(manifests.closing_bytes(sitting.manifest, others))

    assert closing["manifest"] == sitting.manifest.sha256
    assert {one["sha256"] for one in closing["signatures"]} == {one.sha256 for one in others}


def test_who_presides_signs_last(town, authority, sitting):
    contracts.sign(authority, sitting, town.member1)
    contracts.sign(authority, sitting, town.member2)

    assert refusal_of(contracts.sign, authority, sitting, town.chair) == (Refusal.SIGNED_LAST, "")


def test_another_signature_in_between_has_who_presides_look_again(town, authority, sitting):
    for name in ("member1", "member2", "member3"):
        contracts.sign(authority, sitting, town.staff[name])
    digest, cms = contracts.cms_of(authority, sitting, town.chair)
    contracts.sign(authority, sitting, town.member4)

    act = {"sitting_id": sitting.pk, "signed_sha256": digest, "cms": cms, "by": town.chair, "at": AT}
    assert refusal_of(signatures.sign, **act) == (Refusal.OTHER_MANIFEST, "")


def test_nothing_is_added_to_a_locked_protocol(town, authority, sitting):
    for name in ("member1", "member2", "member3", "chair"):
        contracts.sign(authority, sitting, town.staff[name])

    assert refusal_of(contracts.sign, authority, sitting, town.member4) == (Refusal.PROTOCOL_LOCKED, "")


def test_a_signature_made_after_the_lock_is_named_so(town, authority, sitting):
    for name in ("member1", "member2", "member3", "chair"):
        contracts.sign(authority, sitting, town.staff[name])

    assert fault_of(authority, sitting, town.member4, at=AT + SECOND) == "AFTER_SESSION"


def test_each_signs_once(town, authority, sitting):
    contracts.sign(authority, sitting, town.member1)

    assert refusal_of(contracts.sign, authority, sitting, town.member1) == (Refusal.SIGNED_ALREADY, "")


def test_who_dissented_signs_and_who_was_recused_does_not(town, authority):
    register = factories.register(town)
    decided = factories.convened(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    factories.attend_all(decided)
    for member in decided.members.filter(recusal_ground="").select_related("user"):
        against = member.user == town.member2
        decisions.vote(
            sitting_id=decided.pk,
            choice=Vote.Choice.AGAINST if against else Vote.Choice.FOR,
            reason="The lists are wrong" if against else "",
            result_sha256=decided.run.result_sha256,
            by=member.user,
            at=AT,
        )
    decisions.confirm(sitting_id=decided.pk, result_sha256=decided.run.result_sha256, by=town.chair, at=AT)
    manifests.make(sitting_id=decided.pk, at=AT)

    assert contracts.sign(authority, decided, town.member2).signed_at == AT
    act = {"sitting_id": decided.pk, "signed_sha256": "0" * 64, "cms": b"", "by": town.member1, "at": AT}
    assert refusal_of(signatures.sign, **act) == (Refusal.NOT_VOTED, "")


def test_a_stranger_signs_nothing(town, authority, sitting):
    act = {"sitting_id": sitting.pk, "signed_sha256": "0" * 64, "cms": b"", "by": town.clerk, "at": AT}

    assert refusal_of(signatures.sign, **act) == (Refusal.NOT_A_MEMBER, "")


def test_another_document_under_the_right_digest_is_named(town, authority, sitting):
    assert fault_of(authority, sitting, town.member1, document=b"{}\n") == "OTHER_DOCUMENT"


def test_a_signature_for_another_digest_than_the_page_showed_is_refused(town, authority, sitting):
    _digest, cms = contracts.cms_of(authority, sitting, town.member1)
    act = {"sitting_id": sitting.pk, "signed_sha256": "1" * 64, "cms": cms, "by": town.member1, "at": AT}

    assert refusal_of(signatures.sign, **act) == (Refusal.OTHER_MANIFEST, "")


def test_another_person_s_key_is_refused(town, authority, sitting):
    other = contracts.subject_of(town.member2, sitting)

    assert fault_of(authority, sitting, town.member1, subject=other) == "OTHER_PERSON"


def test_a_key_of_another_organization_is_refused(town, authority, sitting):
    other = contracts.subject_of(town.member1, sitting, bin="990040000019")

    assert fault_of(authority, sitting, town.member1, subject=other) == "OTHER_ORGANIZATION"


def test_a_key_for_signing_in_is_refused(town, authority, sitting):
    subject = without_signing(contracts.subject_of(town.member1, sitting))

    assert fault_of(authority, sitting, town.member1, subject=subject) == "NOT_FOR_SIGNING"


def test_a_signature_without_a_time_stamp_is_refused(town, authority, sitting):
    assert fault_of(authority, sitting, town.member1, stamped=False) == "NO_TIME_STAMP"


def test_an_expired_key_is_refused(town, authority, sitting):
    subject = replace(contracts.subject_of(town.member1, sitting), valid_until=AT - SECOND)

    assert fault_of(authority, sitting, town.member1, subject=subject) == "EXPIRED"


def test_a_revoked_key_is_refused(town, authority, sitting, tmp_path):
    key = authority.issue(contracts.subject_of(town.member1, sitting))
    contracts.revoke(authority, tmp_path, key.certificate.serial_number, since=AT)

    assert fault_of(authority, sitting, town.member1, key=key) == "REVOKED"


def test_an_unknown_authority_is_refused(town, authority, sitting):
    assert fault_of(DevAuthority.make(), sitting, town.member1) == "UNKNOWN_AUTHORITY"


@pytest.mark.parametrize(
    ("stamped", "fault"),
    [
        (-signatures.SKEW - SECOND, "BEFORE_SESSION"),
        (-signatures.SKEW, ""),
        (signatures.SKEW, ""),
        (signatures.SKEW + SECOND, "IN_FUTURE"),
    ],
)
def test_the_stamp_lies_between_the_manifest_and_now(town, authority, sitting, stamped, fault):
    digest, _cms = contracts.cms_of(authority, sitting, town.member1)
    subject = contracts.subject_of(town.member1, sitting)
    content = bytes(sitting.manifest.content)
    cms = DevSigner(authority=authority).sign(content, subject=subject, at=AT + stamped)
    act = {"sitting_id": sitting.pk, "signed_sha256": digest, "cms": cms, "by": town.member1, "at": AT}

    if fault:
        assert refusal_of(signatures.sign, **act) == (Refusal.SIGNATURE_REFUSED, fault)
    else:
        assert signatures.sign(**act).signed_at == AT + stamped


def test_whose_number_nobody_knows_cannot_be_matched(town, authority, sitting):
    digest, cms = contracts.cms_of(authority, sitting, town.member1)
    town.member1.person = None
    town.member1.save()
    act = {"sitting_id": sitting.pk, "signed_sha256": digest, "cms": cms, "by": town.member1, "at": AT}

    assert refusal_of(signatures.sign, **act) == (Refusal.SIGNER_UNKNOWN, "")


def test_without_a_verifier_nothing_is_taken(town, authority, sitting, settings):
    settings.SIGNATURE_VERIFIER = ""

    code, _ = refusal_of(contracts.sign, authority, sitting, town.member1)
    assert code is Refusal.SIGNING_NOT_SET_UP


def test_no_record_and_no_report_has_an_iin(town, authority, sitting):
    signature = contracts.sign(authority, sitting, town.member1)

    iin = town.member1.person.iin
    assert iin not in json.dumps(signature.report)
    assert not any(iin in json.dumps(record.data) for record in AuditEvent.objects.all())


def test_the_database_lets_nobody_change_or_delete_a_signature(town, authority, sitting):
    signature = contracts.sign(authority, sitting, town.member1)

    for act in (
        lambda: Signature.objects.filter(pk=signature.pk).update(sha256="0" * 64),
        lambda: Signature.objects.filter(pk=signature.pk).delete(),
        lambda: Manifest.objects.filter(pk=sitting.manifest.pk).update(sha256="0" * 64),
    ):
        with pytest.raises(Error, match="Cannot"), transaction.atomic():
            act()
