"""When refusals of fitting homes hold an entry: the household is first asked whether it still wants one."""

from collections.abc import Iterable
from datetime import date

from queue_registry.rules.intakes import months_after


def holds(
    refused_on: Iterable[date], *, before_hold: int | None, within_months: int | None, on: date
) -> bool:
    """
    Tell whether an entry is held on a day for the refusals of its household.

    :param refused_on: days of refusals of fitting homes since it was last held.
    :param before_hold: how many hold it; None under a policy without the rule: nobody is held.
    :param within_months: so long a refusal counts, the day of the same number included.
    """
    if before_hold is None or within_months is None:
        return False
    counting = [day for day in refused_on if day <= on <= months_after(day, months=within_months)]
    return len(counting) >= before_hold
