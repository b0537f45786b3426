"""
The last steps of the main job: the commission signs, the akimat decides, contracts are concluded, keys are
handed over. All on the pages that people use, with keys that the development authority issues.
"""

from pathlib import Path

from django.conf import settings

from allocation.models import AkimatDecision, Offer, Signature, Sitting, Tenancy
from allocation.selectors.signatures import get_signing
from allocation.signatures.dev_pki import DevAuthority, DevSigner, Subject
from housing_queue.story.expecting import expect
from housing_queue.story.story import Story
from queue_registry.models import QueueEntry
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock

_SCAN = b"%PDF-1.7 scan of the decision"


def sign(story: "Story", sitting: Sitting) -> None:
    """Every member who voted signs on the page, who presided last; the protocol is locked."""
    with story.step("signatures", "Signatures: every member signs the manifest, who presided signs last"):
        story.say(sign_all(story, sitting))


def sign_all(story: "Story", sitting: Sitting) -> str:
    """The same as a part of another step; return what was done."""
    decided = Sitting.objects.select_related("akimat", "decision").get(pk=sitting.pk)
    signer = DevSigner(authority=DevAuthority.load(Path(settings.SIGNATURE_PKI_DIR)))
    for line in get_signing(decided).signers:
        _sign_on_page(story, decided, signer, line.member.user.username, presides=line.presides)
    decided.refresh_from_db()
    expect(decided.locked_at, "everybody who voted has signed and the protocol is not locked")
    count = Signature.objects.filter(member__sitting=decided).count()
    return f"{count} signatures; the protocol is locked"


def _sign_on_page(
    story: "Story", sitting: Sitting, signer: DevSigner, username: str, *, presides: bool
) -> None:
    browser, user = story.browser_of(username), story.founded.staff[username]
    page = browser.get(f"/desk/sittings/{sitting.pk}/signing/")
    name = "closing" if presides else "manifest"
    document = browser.get(f"/desk/sittings/{sitting.pk}/{name}.json").content
    expect(user.person is not None, f"nobody knows whose number {username} signs by")
    subject = Subject(iin=user.person.iin if user.person else "", bin=sitting.akimat.bin)
    cms = signer.sign(document, subject=subject, at=clock.now())
    after = browser.upload(page, to="/sign/", files={"cms": (f"{username}.p7s", cms)})
    expect(
        Signature.objects.filter(member__sitting=sitting, member__user=user).exists(),
        f"the signature of {username} was not taken: {after.text[:300]}",
    )


def decide(story: "Story", sitting: Sitting) -> None:
    """A supervisor enters the akimat's decision with its scan; the secretary publishes those housed."""
    with story.step("decision", "The akimat's decision cites the protocol; those housed are published"):
        supervisor, secretary = story.browser_of("supervisor"), story.browser_of("secretary")
        page = supervisor.get(f"/desk/sittings/{sitting.pk}/decision/")
        after = supervisor.upload(
            page,
            files={"scan": ("decision.pdf", _SCAN)},
            number=f"{sitting.number}-1",
            decided_on=civil_day(clock.now()).isoformat(),
        )
        decision = AkimatDecision.objects.filter(sitting=sitting).first()
        expect(decision is not None, f"the decision was not entered: {after.text[:300]}")
        secretary.fill(secretary.get("/desk/decisions/"), to="/publish/")
        published = AkimatDecision.objects.get(sitting=sitting)
        expect(published.published_at, "the secretary published those housed and the page does not know")
        story.say(f"decision {published.number}, published in time: by {published.publish_by}")


def conclude(story: "Story", sitting: Sitting) -> None:
    """On each accepted home a contract is concluded and the keys are handed over."""
    with story.step("keys", "Contracts: concluded on every accepted home, the keys handed over"):
        clerk, today = story.browser_of("clerk"), civil_day(clock.now()).isoformat()
        accepted = Offer.objects.filter(run=sitting.run_id, state=Offer.State.ACCEPTED)
        for offer in accepted.order_by("pk"):
            clerk.fill(clerk.get(f"/desk/offers/{offer.pk}/contract/"), concluded_on=today)
            tenancy = Tenancy.objects.filter(offer=offer).first()
            expect(tenancy is not None, f"no contract was concluded on the offer {offer.pk}")
            page = clerk.get(f"/desk/contracts/{tenancy.pk if tenancy else 0}/")
            act = f"Act of the keys, {offer.entry.file_number}"
            clerk.fill(page, to="/keys/", **{"keys-keys_on": today, "keys-document": act})
        housed = QueueEntry.objects.filter(offers__in=accepted, status="HOUSED").count()
        expect(housed == accepted.count(), f"{accepted.count()} homes were accepted, {housed} housed")
        story.say(f"{Tenancy.objects.count()} contracts, {housed} households housed")
