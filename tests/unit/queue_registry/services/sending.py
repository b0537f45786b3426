"""What tests of notices share: an application whose applicant is reached, and a worker that goes on."""

from datetime import timedelta

from queue_registry.models import Application, Notice, NoticeDelivery
from queue_registry.services import carrying, contacts, notices
from tests.factories import AT, ON

GOOD, DEAD, GONE, OUT, SILENT = (
    "+77000001111",
    "+77000000404",
    "+77000000410",
    "+77000000503",
    "+77000000202",
)
REFUSED = {
    "ground": "OWNS_DWELLING",
    "article": "art 69, 71",
    "complaint_until": "2026-12-01",
    "complaint_decided": 20,
}


def reached(town, entry, value=GOOD, *, channel="SMS", language="kk", at=AT):
    """Record by what the applicant of an entry is reached."""
    return contacts.record(
        akimat=town.akimat,
        person_id=entry.applicant_id,
        channel=channel,
        value=value,
        language=language,
        target=f"application:{entry.application_id}",
        by=town.clerk,
        at=at,
    )


def ordered(application: Application, *, due_on=ON + timedelta(days=10), at=AT, facts=REFUSED):
    """The delivery of a notice that was just ordered."""
    notice = notices.order(
        application=application, kind=Notice.Kind.REFUSED, facts=facts, due_on=due_on, at=at
    )
    return notice.deliveries.get()


def run(provider, *, at=AT):
    """A worker takes everything that is due at a moment; how many that were."""
    count = 0
    while carrying.deliver_next(provider=provider, at=at):
        count += 1
    return count


def run_until_closed(provider, delivery, *, most=40):
    """A worker comes whenever something is due; the moments at which it did."""
    moments = []
    while delivery.state in {"DUE", "HANDED_OVER"} and len(moments) < most:
        at = delivery.next_attempt_at
        moments.append(at)
        run(provider, at=at)
        delivery.refresh_from_db()
    return moments


def letters_of(notice):
    return NoticeDelivery.objects.filter(notice=notice, channel="LETTER")
