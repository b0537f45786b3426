"""
One-time codes: sent to the telephone of a household, taken once.

A code is kept as a digest alone, so it is sent at once and never again; only the newest one counts. No
transaction is open while the provider, or the Mobile Citizens Database, is called.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from queue_registry.models import Application, NoticeChannel, OneTimeCode, Person
from queue_registry.notices import code_text, mobile_numbers, providers, texts
from queue_registry.rules import one_time_codes as rules
from queue_registry.rules.one_time_codes import CodeRefusal, CodeRefused, KeptCode, Purpose
from queue_registry.selectors import notices as selectors
from queue_registry.services import audit

CITIZEN = "citizen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    """Where a code goes, and in which language."""

    number: str = field(repr=False)
    language: str

    @property
    def end(self) -> str:
        """The last four digits: enough for its owner to know it by."""
        return self.number[-4:]


def send(*, application_id: int, purpose: Purpose, at: datetime, person_id: int | None = None) -> Telephone:
    """
    Send a new code to the applicant's telephone, or with `person_id` to that person's own; return where it
    went.

    :raises CodeRefused: NO_TELEPHONE, SENT_TOO_OFTEN, NOT_SENT (the provider did not take it, or the Mobile
        Citizens Database did not answer).
    """
    telephone = _telephone_of(application_id, person_id)
    kept, code = _issue(application_id, person_id, purpose, at)
    message = providers.Message(
        key=f"one-time-code-{kept.pk}-{kept.sent_at.isoformat()}",
        channel=NoticeChannel.SMS,
        address=telephone.number,
        subject="",
        text=code_text.text_of(kept, code, language=telephone.language),
    )
    try:
        providers.send(providers.from_settings(), message)
    except (providers.TemporaryFailure, providers.PermanentFailure) as failure:
        raise CodeRefused(CodeRefusal.NOT_SENT) from failure
    return telephone


def _telephone_of(application_id: int, person_id: int | None) -> Telephone:
    """The number that the state knows to be the person's; where nobody can be asked, the one on record."""
    owner = _owner(application_id, person_id)
    contact = selectors.contact_of(owner.pk if owner else None, [NoticeChannel.SMS])
    number, database = contact.value if contact else None, mobile_numbers.from_settings()
    if database is not None and owner is not None:
        try:
            number = database.number_of(owner.iin)
        except mobile_numbers.Unreachable as failure:
            raise CodeRefused(CodeRefusal.NOT_SENT) from failure
    if number is None or not providers.is_set():
        raise CodeRefused(CodeRefusal.NO_TELEPHONE)
    return Telephone(number=number, language=contact.language if contact else texts.LANGUAGES[0])


def _owner(application_id: int, person_id: int | None) -> Person | None:
    if person_id is not None:
        return Person.objects.get(pk=person_id)
    return Application.objects.select_related("applicant").get(pk=application_id).applicant


@transaction.atomic
def _issue(
    application_id: int, person_id: int | None, purpose: Purpose, at: datetime
) -> tuple[OneTimeCode, str]:
    """Keep the digest of a new code; the lock of the application keeps two of them apart."""
    application = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=application_id)
    )
    lately = OneTimeCode.objects.filter(
        application=application, person=person_id, purpose=purpose, sent_at__gt=at - timedelta(hours=1)
    )
    if lately.count() >= settings.ONE_TIME_CODES_PER_HOUR:
        raise CodeRefused(CodeRefusal.SENT_TOO_OFTEN)
    code, salt = rules.new_code(), rules.new_salt()
    kept = OneTimeCode.objects.create(
        application=application,
        person_id=person_id,
        purpose=purpose,
        salt=salt,
        digest=rules.digest_of(code, salt=salt, pepper=settings.SECRET_KEY),
        sent_at=at,
        expires_at=at + timedelta(minutes=settings.ONE_TIME_CODE_MINUTES),
    )
    audit.record(
        akimat=application.akimat,
        by=CITIZEN,
        at=at,
        event="one_time_code.sent",
        target=f"application:{application.pk}",
        file_number=application.file_number,
        purpose=purpose,
    )
    return kept, code


def take(
    *, application_id: int, purpose: Purpose, code: str, at: datetime, person_id: int | None = None
) -> CodeRefused | None:
    """
    Use up the newest code inside the caller's transaction, which holds its lock; or return why it is not
    taken. With `person_id` it is the code that was sent to that person.

    A wrong try is counted: the caller lets its transaction end before it raises what is returned.
    """
    newest = (
        OneTimeCode.objects.select_for_update(of=("self",), no_key=True)
        .filter(application=application_id, person=person_id, purpose=purpose)
        .order_by("-sent_at", "-pk")
        .first()
    )
    problem = rules.refusal_of(
        _kept(newest),
        code,
        pepper=settings.SECRET_KEY,
        most_tries=settings.ONE_TIME_CODE_TRIES,
        at=at,
    )
    if newest is not None and problem is None:
        newest.used_at = at
        newest.save(update_fields=["used_at"])
    elif newest is not None and problem is not None and problem.code is CodeRefusal.WRONG:
        newest.tries += 1
        newest.save(update_fields=["tries"])
    return problem


def _kept(row: OneTimeCode | None) -> KeptCode | None:
    if row is None:
        return None
    return KeptCode(
        salt=row.salt,
        digest=row.digest,
        expires_at=row.expires_at,
        tries=row.tries,
        is_used=row.used_at is not None,
    )
