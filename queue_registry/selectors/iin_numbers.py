"""Numbers that people bore before: whom one means, and which number he bears today."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from queue_registry.models import FormerIin, Person
from queue_registry.selectors import many
from queue_registry.selectors.kept_queries import Given


def numbers_of(iin: str | Given) -> RawSQL:
    """
    Return what stands behind `__in` for a number and every other one of its person; no query of its own.

    By indexes, whether the number is one of today or a former one.
    """
    return RawSQL(
        """
        WITH owner AS (
            SELECT person_id AS id FROM queue_registry_formeriin WHERE iin = %s
            UNION SELECT id FROM queue_registry_person WHERE iin = %s
        )
        SELECT CAST(%s AS varchar)
        UNION SELECT person.iin FROM queue_registry_person AS person JOIN owner USING (id)
        UNION SELECT former.iin
            FROM queue_registry_formeriin AS former JOIN owner ON owner.id = former.person_id
        """,
        [iin, iin, iin],
    )


def people_with(iin: str) -> QuerySet[Person]:
    """Return whoever bears a number or bore it, and rows that were made before anybody knew."""
    return Person.objects.filter(iin__in=numbers_of(iin))


def current() -> dict[str, str]:
    """Return the number of today by each former one: few people in a thousand have any."""
    return dict(FormerIin.objects.values_list("iin", "person__iin"))


def former(iins: Collection[str]) -> set[str]:
    """Return the former numbers of the people who bear these today."""
    rows = FormerIin.objects.filter(person__iin__in=many.texts(iins))
    return set(rows.values_list("iin", flat=True))
