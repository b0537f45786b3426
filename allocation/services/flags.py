"""A look at everything that happened in an akimat: the register's rows and the rounds together."""

from datetime import datetime

from allocation.selectors import flags as selectors
from queue_registry.models import Akimat
from queue_registry.rules import flags
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.flags import limits
from queue_registry.rules.flags.kinds import FlagKind
from queue_registry.rules.flags.values import Histories
from queue_registry.selectors import flag_histories, flag_people
from queue_registry.services import flags as rows
from queue_registry.services.flags import Looked


def look(*, akimat: Akimat, at: datetime) -> Looked:
    """
    Look for red flags anew and write down what is found. The rows are read without a lock; only writing takes
    the akimat's.
    """
    in_force = limits.in_force(civil_day(at))
    histories = _histories(akimat, degrees=in_force.whole(FlagKind.OFFICIAL_OR_RELATIVE, "degrees"), at=at)
    # Somebody who stands in two akimats is flagged where he came first.
    own = {entry.subject for entry in histories.entries}
    found = [
        flag
        for flag in flags.find(histories, in_force, at=at)
        if flag.kind is not FlagKind.SAME_CONTACT or flag.subject in own
    ]
    return rows.record(akimat=akimat, found=found, at=at)


def _histories(akimat: Akimat, *, degrees: int, at: datetime) -> Histories:
    on = civil_day(at)
    entries, steps = flag_histories.gather(akimat)
    officials = flag_people.officials(akimat, on=on)
    people = {person for entry in entries for person in entry.people}
    kin = flag_people.kin(people, degrees=1, on=on)
    for person, relatives in flag_people.kin(officials, degrees=degrees, on=on).items():
        kin[person] = tuple(sorted({*kin.get(person, ()), *relatives}))
    return Histories(
        entries=entries,
        steps=steps,
        rounds=tuple(selectors.rounds(akimat)),
        contacts=tuple(flag_people.contacts(akimat)),
        shares=tuple(selectors.shares(akimat)),
        homes=tuple(selectors.homes(akimat)),
        officials=officials,
        kin=kin,
    )
