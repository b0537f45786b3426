"""Small worlds for tests of red flags: entries of one list, a day apart, typed when they came."""

from dataclasses import replace
from datetime import datetime, timedelta

from queue_registry.rules import flags
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.flags import limits
from queue_registry.rules.flags.values import Entry, Histories, Line, Proof, Round, Step, What

DAY = timedelta(days=1)
# A Monday, ten in the morning.
FIRST = datetime(2022, 1, 3, 10, tzinfo=TIME_ZONE)
AT = datetime(2026, 9, 1, 10, tzinfo=TIME_ZONE)
LIST = "271010000:5"
IN_FORCE = limits.in_force(AT.date())


def subject(number):
    return f"queue_entry:{number}"


def entry(key, /, *, moment=None, **told):
    """The number-th entry: a day after the one before it."""
    moment = moment or FIRST + DAY * key
    told = {"first_moment": moment, "typed_at": moment, "clerk": "1", "people": (key,), "number": key} | told
    return Entry(
        subject=subject(key),
        application=f"application:{key}",
        akimat="271010000",
        file_number=f"{key:07d}",
        moment=moment,
        **told,
    )


def registered(of, *, at=None, waiting_list=LIST):
    return Step(
        entry=of.subject,
        what=What.REGISTERED,
        at=at or of.typed_at,
        waiting_list=waiting_list,
        moment=of.first_moment,
        stands=True,
        clerk=of.clerk,
        proof=of.proof,
    )


def queue(count, **told):
    """So many entries with their registrations."""
    entries = tuple(entry(number, **told) for number in range(count))
    return Histories(entries=entries, steps=tuple(map(registered, entries)))


def with_step(histories, number, *, what=What.REDATED, at, moment=None, **told):
    """The same with one more step of an entry."""
    of = histories.entries[number]
    moment = moment or of.moment
    told = {"stands": True, "clerk": "2", "waiting_list": LIST} | told
    step = Step(entry=of.subject, what=what, at=at, moment=moment, **told)
    entries = list(histories.entries)
    entries[number] = replace(of, moment=moment)
    return replace(histories, entries=tuple(entries), steps=(*histories.steps, step))


def moved_before(histories, number, target, *, at, **told):
    """The same where an entry stands just before another since a moment."""
    moment = histories.entries[target].moment - timedelta(seconds=1)
    return with_step(histories, number, at=at, moment=moment, **told)


def line(number, *, turn=None, code="", **told):
    of = entry(number)
    return Line(
        entry=of.subject, waiting_list=LIST, moment=told.get("moment", of.moment), turn=turn, code=code
    )


def round_of(*lines, homes=1, announced=AT - DAY * 60, frozen=AT - DAY * 30, decided=AT - DAY * 20):
    return Round(
        subject="allocation_round:1",
        akimat="271010000",
        announced_at=announced,
        frozen_at=frozen,
        decided_at=decided,
        homes=homes,
        lines=lines,
        clerks=("9",),
    )


def found(histories, *, at=AT):
    return flags.find(histories, IN_FORCE, at=at)


def kinds(histories, *, at=AT):
    """Pairs of kind and subject that were found."""
    return {(str(flag.kind), flag.subject) for flag in found(histories, at=at)}


def flag_of(histories, kind, *, at=AT):
    """The only flag of a kind, or None."""
    flags_of = [flag for flag in found(histories, at=at) if flag.kind == kind]
    assert len(flags_of) <= 1, flags_of
    return flags_of[0] if flags_of else None


PROVEN = [Proof.IMPORT, Proof.DECISION, Proof.TRANSFER, Proof.SOURCE]
