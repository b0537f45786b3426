"""What the rules judge of an application's claims, whether it has entries or not."""

from queue_registry.models import Application
from queue_registry.rules.case import Case
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors.intakes import cases_of, numbers_of


def get_cases(application: Application) -> dict[ListNumber, Case]:
    """Return what the rules judge of each list that an application claims."""
    named = application.members.filter(until_on__isnull=True).order_by("person")
    return cases_of(
        akimat=application.akimat,
        applicant=application.applicant_id or 0,
        named=tuple(named.values_list("person", flat=True)),
        numbers=numbers_of(application.claims),
    )
