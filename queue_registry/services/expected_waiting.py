"""
What is foreseen of a list, renewed once a day out of its events. It decides nothing and says nothing new, so
it makes no record of the trail; it can be worked out again from the events at any time.
"""

from datetime import date

from django.db import transaction

from queue_registry.models import ExpectedWaiting, WaitingList
from queue_registry.rules import waiting_outlook
from queue_registry.selectors.waiting import get_past


@transaction.atomic
def renew(*, waiting_list_id: int, on: date) -> ExpectedWaiting:
    """Work out what is foreseen of a list from all whole months before a day; done again it is the same."""
    waiting_list = WaitingList.objects.get(pk=waiting_list_id)
    outlook = waiting_outlook.outlook(get_past(waiting_list, on=on))
    document = outlook.as_document() if outlook is not None else None
    row, _ = ExpectedWaiting.objects.update_or_create(
        waiting_list=waiting_list, defaults={"on": on, "outlook": document}
    )
    return row
