"""Steps of an intake by name, so that tests say only what they are about."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from queue_registry.models import Person
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.services import applications, intakes
from tests import factories
from tests.factories import AT

PDF = b"%PDF-1.7 invented"


def opened(town, iin, **changes):
    """An intake of the person with this IIN."""
    return intakes.open_intake(akimat=town.akimat, iin=iin, by=town.clerk, at=AT, **changes)


def current(intake):
    """The version that a clerk sees who looks now."""
    intake.refresh_from_db()
    return intake.version


def claim(town, intake, *claims, version=None):
    """Grounds for lists: claim(town, intake, ("5", "budget_worker"))."""
    return intakes.set_claims(
        intake_id=intake.pk,
        version=version or current(intake),
        claims=[{"list": number, "category": category} for number, category in claims],
        by=town.clerk,
        at=AT,
    )


def paper(town, intake, kind="APPLICATION", scan=PDF):
    """A scan of a document of this kind."""
    return intakes.add_document(
        intake_id=intake.pk, kind=kind, title="Invented paper", scan=scan, by=town.clerk, at=AT
    )


def consent(town, intake, person=None, *, at=AT, **changes):
    """A consent on paper, of the applicant unless somebody else is named."""
    given = {"channel": "PAPER", "evidence": "Form 7"} | changes
    return intakes.record_consent(
        intake_id=intake.pk, person_id=(person or intake.applicant).pk, by=town.clerk, at=at, **given
    )


def known_worker(town, *, facts=(), kin=()):
    """A person of whom every register said everything that list 5 asks for."""
    person = factories.PersonFactory()
    factories.answer_everything(person, facts=[factories.status(*factories.GROUNDS["5"]), *facts], kin=kin)
    return person


def ready(town, person=None, *claims, at=AT):
    """An intake that lacks nothing."""
    person = person or known_worker(town)
    intake = opened(town, person.iin)
    claim(town, intake, *(claims or (("5", "budget_worker"),)))
    consent(town, intake, at=at)
    paper(town, intake)
    return intake


def file(town, intake, *, at=AT, by=None):
    """File as the intake stands now."""
    return applications.file(intake_id=intake.pk, version=current(intake), by=by or town.clerk, at=at)


def filed(town, person: Person | None = None, *claims, at=AT):
    """A pending application."""
    return file(town, ready(town, person, *claims, at=at), at=at)


def refused(code, act, *arguments, **named):
    """What an act says that is refused for this reason."""
    with pytest.raises(IntakeRefused) as caught:
        act(*arguments, **named)
    assert caught.value.code is code
    return caught.value.detail


def at_once(*acts):
    """Run acts in threads of their own that start together; return what each returned or raised."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait(5)
        try:
            return act()
        except IntakeRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result(30) for one in [pool.submit(run, act) for act in acts]]
