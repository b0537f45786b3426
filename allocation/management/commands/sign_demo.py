"""Sign a protocol of the demo by invented keys: `manage.py sign_demo SITTING`, or one file for the page."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from allocation import refusal_presenters
from allocation.engine.strict_json import digest
from allocation.models import Sitting
from allocation.rules.refusals import Refused
from allocation.selectors.signatures import Signer, get_signing
from allocation.services import manifests, signatures
from allocation.signatures.dev_pki import DevAuthority, DevSigner, Subject
from queue_registry.selectors import clock


class Command(BaseCommand):
    """Signs as anybody, so it works in a demo alone."""

    help = "Sign the protocol of a decided sitting by keys of the demo's authority, for everybody or for one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the sitting, and whose signature goes to which file."""
        parser.add_argument("sitting", type=int, metavar="SITTING", help="key of a decided sitting")
        parser.add_argument("--user", metavar="NAME", help="only this member, by user name")
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="write the signature for the page instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Sign for everybody who has not, who presided last.

        :raises CommandError: outside a demo, without such a sitting or member, or if a signature is refused.
        """
        if not settings.DEMO:
            raise CommandError("Invented keys sign in a demo alone: set DEMO=true.")
        sitting = self._sitting(options["sitting"])
        wanted = [
            signer
            for signer in get_signing(sitting).signers
            if signer.signature is None and options["user"] in (None, signer.member.user.username)
        ]
        if not wanted:
            raise CommandError("Nobody is left to sign here by that name.")
        for signer in wanted:
            self._sign(sitting.pk, signer.member.user.username, options["out"])

    def _sitting(self, key: int) -> Sitting:
        rows = Sitting.objects.select_related("akimat", "decision", "run__round")
        sitting = rows.filter(pk=key, decision__isnull=False).first()
        if sitting is None:
            raise CommandError(f"No decided sitting {key}.")
        manifests.make(sitting_id=key, at=clock.now())
        return rows.get(pk=key)

    def _sign(self, key: int, username: str, out: Path | None) -> None:
        sitting = self._sitting(key)
        signing = get_signing(sitting)
        signer = next(one for one in signing.signers if one.member.user.username == username)
        document = signatures.to_sign(sitting.manifest, signing, signer)
        cms = self._cms(sitting, signer, document)
        if out is not None:
            out.write_bytes(cms)
            self.stdout.write(f"{username}: {out}, over SHA-256 {digest(document)}")
            return
        try:
            signatures.sign(
                sitting_id=key,
                signed_sha256=digest(document),
                cms=cms,
                by=signer.member.user,
                at=clock.now(),
            )
        except Refused as refused:
            raise CommandError(f"{username}: {refusal_presenters.refusal(refused)}") from refused
        self.stdout.write(f"{username}: signed SHA-256 {digest(document)}")

    def _cms(self, sitting: Sitting, signer: Signer, document: bytes) -> bytes:
        person = signer.member.user.person
        if person is None:
            raise CommandError(f"Nobody knows whose number {signer.member.user.username} signs by.")
        try:
            authority = DevAuthority.load(Path(settings.SIGNATURE_PKI_DIR))
        except OSError as error:
            raise CommandError(f"{settings.SIGNATURE_PKI_DIR}: {error.strerror}") from error
        subject = Subject(iin=person.iin, bin=sitting.akimat.bin)
        return DevSigner(authority=authority).sign(document, subject=subject, at=clock.now())
