"""Terms of procedure: figures of the policy in force where an act begins."""

from datetime import date

from allocation.rules.refusals import Refusal, Refused
from queue_registry.models import Akimat
from queue_registry.rules.policy import Policy, PolicyBroken
from queue_registry.services.policies import policy_in_force


def term(akimat: Akimat, name: str, *, on: date) -> int:
    """
    Return a term of the policy that an akimat works by on a day.

    :raises Refused: POLICY_LACKS_TERM, if that policy was approved before there was such a term.
    """
    version = policy_in_force(akimat=akimat, on=on)
    try:
        return Policy.from_document(version.document).term(name)
    except PolicyBroken:
        raise Refused(Refusal.POLICY_LACKS_TERM, policy=version.code, term=name) from None
