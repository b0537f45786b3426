"""Words of contracts for pages."""

from django import template

from allocation import tenancy_presenters
from allocation.models import Sitting, Tenancy
from allocation.selectors.signatures import PublicActs, get_public_acts

register = template.Library()
register.filter("tenancy_state_words", tenancy_presenters.state)
register.filter("tenancy_tone", tenancy_presenters.tone)
register.filter("annulment_ground", tenancy_presenters.annulment_ground)


@register.simple_tag
def public_acts(sitting: Sitting) -> PublicActs:
    """Return what the public page of a round says of signatures and of the akimat's decision."""
    return get_public_acts(sitting)


@register.simple_tag
def tenancy_state(tenancy: Tenancy) -> str:
    """Return the code of how far a contract has come."""
    return tenancy_presenters.state_of(tenancy)
