"""What pages say of homes and loan places."""

from datetime import date, datetime

from django import template

from allocation import stock_presenters
from allocation.models import Dwelling
from allocation.rules import programmes
from allocation.selectors import dwellings
from allocation.stock_files import RowFault
from queue_registry.rules.calendar import civil_day

register = template.Library()
register.filter("event_ground", stock_presenters.event_ground)
register.filter("stock_column", stock_presenters.column)
register.filter("programme_name", stock_presenters.programme_name)


@register.filter
def fault_words(fault: RowFault) -> str:
    """What is wrong with a cell of a file."""
    return stock_presenters.fault(fault.fault, dict(fault.detail))


@register.simple_tag
def idle_days(dwelling: Dwelling, *, at: datetime) -> int | None:
    """For how many days a home could be given and nobody has it."""
    return dwellings.idle_days(dwelling, at=at)


@register.simple_tag
def loan_terms(code: str, *, since: datetime) -> list[tuple[str, str, str]]:
    """The terms of a loan as they held on the day when its place came into its present state."""
    return loan_terms_on(code, on=civil_day(since))


@register.simple_tag
def loan_terms_on(code: str, *, on: date) -> list[tuple[str, str, str]]:
    """The terms of a loan as they hold on a day; none of a program that does not lend."""
    found = programmes.find(code, on=on)
    return [] if found is None else list(stock_presenters.terms(found))
