"""Why a place changed: each event moves a later entry by one or none, and the reasons add up exactly."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.place import (
    Change,
    Event,
    Held,
    Reason,
    ReasonCode,
    by_month,
    count_ahead,
    explain,
    joined,
)

MOMENT = datetime(2020, 5, 6, 4, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINE, OTHER = 1, 2


def held(moment=MOMENT, *, number="b", waiting_list=5, status="WAITING"):
    return Held(waiting_list=waiting_list, status=status, registered_at=moment, file_number=number)


def told(kind, after, *, before=None, ground="", subject=None):
    """What one event of another entry does to mine."""
    states = {MINE: subject or held()} | ({} if before is None else {OTHER: before})
    event = Event(entry=OTHER, kind=kind, ground=ground, after=after)
    return explain(states=states, events=[event], subject=MINE)


EARLIER, LATER = held(MOMENT - TICK, number="z"), held(MOMENT + TICK, number="a")


@pytest.mark.parametrize(
    ("kind", "before", "after", "ground", "effect"),
    [
        ("REGISTERED", None, EARLIER, "IMPORT", {(ReasonCode.REGISTERED_AHEAD, "IMPORT"): 1}),
        ("REGISTERED", None, LATER, "APPLICATION", {}),
        # Of one moment, the smaller file number is first.
        ("REGISTERED", None, held(number="a"), "IMPORT", {(ReasonCode.REGISTERED_AHEAD, "IMPORT"): 1}),
        ("REGISTERED", None, held(number="c"), "IMPORT", {}),
        ("REGISTERED", None, held(MOMENT - TICK, waiting_list=4), "IMPORT", {}),
        (
            "MOVED",
            held(MOMENT - TICK, status="OFFERED"),
            held(MOMENT - TICK, status="HOUSED"),
            "OFFER_ACCEPTED",
            {(ReasonCode.HOUSED, ""): -1},
        ),
        (
            "MOVED",
            held(MOMENT + TICK, status="OFFERED"),
            held(MOMENT + TICK, status="HOUSED"),
            "OFFER_ACCEPTED",
            {},
        ),
        (
            "MOVED",
            EARLIER,
            held(MOMENT - TICK, status="DEREGISTERED"),
            "DECEASED",
            {(ReasonCode.REMOVED, "DECEASED"): -1},
        ),
        (
            "MOVED",
            held(MOMENT - TICK, status="DEREGISTERED"),
            EARLIER,
            "REINSTATEMENT",
            {(ReasonCode.RESTORED, "REINSTATEMENT"): 1},
        ),
        # Who is suspended or holds an offer keeps the place.
        ("MOVED", EARLIER, held(MOMENT - TICK, status="SUSPENDED"), "OWN_REQUEST", {}),
        ("MOVED", EARLIER, held(MOMENT - TICK, status="OFFERED"), "OFFER_MADE", {}),
        (
            "REGISTERED_AT_CHANGED",
            LATER,
            EARLIER,
            "REINSTATEMENT",
            {(ReasonCode.MOVED_AHEAD, "REINSTATEMENT"): 1},
        ),
        (
            "REGISTERED_AT_CHANGED",
            EARLIER,
            LATER,
            "DIGITIZATION",
            {(ReasonCode.MOVED_BEHIND, "DIGITIZATION"): -1},
        ),
        ("REGISTERED_AT_CHANGED", EARLIER, held(MOMENT - 2 * TICK), "DIGITIZATION", {}),
        (
            "LIST_CHANGED",
            held(MOMENT - TICK, waiting_list=4),
            EARLIER,
            "DIGITIZATION",
            {(ReasonCode.CAME_FROM_LIST, "DIGITIZATION"): 1},
        ),
        (
            "LIST_CHANGED",
            EARLIER,
            held(MOMENT - TICK, waiting_list=4),
            "DIGITIZATION",
            {(ReasonCode.LEFT_FOR_LIST, "DIGITIZATION"): -1},
        ),
    ],
)
def test_one_event_has_one_reason_and_one_place_or_none(kind, before, after, ground, effect):
    explanation = told(kind, after, before=before, ground=ground)

    assert explanation.effects == {Reason(*reason): number for reason, number in effect.items()}
    assert explanation.ahead_to - explanation.ahead_from == sum(effect.values())


@pytest.mark.parametrize(
    ("after", "code", "effect"),
    [(held(MOMENT - 3 * TICK), ReasonCode.OWN_MOMENT, -2), (held(waiting_list=4), ReasonCode.OWN_LIST, -1)],
)
def test_an_own_change_counts_everybody_passed(after, code, effect):
    states = {MINE: held(), 2: held(MOMENT - TICK), 3: held(MOMENT - 2 * TICK), 4: LATER}
    states[5] = held(MOMENT - TICK, waiting_list=4)
    event = Event(entry=MINE, kind="REGISTERED_AT_CHANGED", ground="DIGITIZATION", after=after)

    explanation = explain(states=states, events=[event], subject=MINE)

    assert explanation.effects == {Reason(code, "DIGITIZATION"): effect}


def test_who_is_removed_and_put_back_is_counted_with_both_reasons():
    removed = held(MOMENT - TICK, status="DEREGISTERED")
    events = [
        Event(entry=OTHER, kind="MOVED", ground="DECEASED", after=removed),
        Event(entry=OTHER, kind="MOVED", ground="REINSTATEMENT", after=EARLIER),
    ]

    explanation = explain(states={MINE: held(), OTHER: EARLIER}, events=events, subject=MINE)

    assert (explanation.ahead_from, explanation.ahead_to) == (1, 1)
    assert explanation.effects == {
        Reason(ReasonCode.REMOVED, "DECEASED"): -1,
        Reason(ReasonCode.RESTORED, "REINSTATEMENT"): 1,
    }


HELD = st.builds(
    Held,
    waiting_list=st.sampled_from((4, 5)),
    status=st.sampled_from(("WAITING", "SUSPENDED", "OFFERED", "HOUSED", "DEREGISTERED")),
    registered_at=st.sampled_from((MOMENT - TICK, MOMENT, MOMENT + TICK)),
    file_number=st.just(""),
)
KINDS = st.sampled_from(("REGISTERED", "MOVED", "REGISTERED_AT_CHANGED", "LIST_CHANGED", "APPLICANT_CHANGED"))
EVENTS = st.lists(st.tuples(st.integers(1, 5), KINDS, st.sampled_from(("", "IMPORT")), HELD), max_size=20)


@given(first=st.dictionaries(st.integers(2, 4), HELD), mine=HELD, events=EVENTS)
def test_reasons_add_up_to_the_difference_whatever_happened(first, mine, events):
    """Even what the acts would never do: an entry that jumps between all that it can hold."""

    def numbered(entry, value):
        return Held(
            waiting_list=value.waiting_list,
            status=value.status,
            registered_at=value.registered_at,
            file_number=str(entry),
        )

    states = {entry: numbered(entry, value) for entry, value in (first | {MINE: mine}).items()}
    happened = [
        Event(entry=entry, kind=kind, ground=ground, after=numbered(entry, after))
        for entry, kind, ground, after in events
    ]
    last = states | {event.entry: event.after for event in happened}

    explanation = explain(states=states, events=happened, subject=MINE)

    assert explanation.ahead_from == count_ahead(states, MINE)
    assert explanation.ahead_to == count_ahead(last, MINE)
    assert sum(explanation.effects.values()) == explanation.ahead_to - explanation.ahead_from
    assert all(explanation.effects.values())


def change(day, ahead_from, ahead_to, **effects):
    return Change(
        since=day,
        on=day,
        place_from=ahead_from + 1,
        place_to=ahead_to + 1,
        ahead_from=ahead_from,
        ahead_to=ahead_to,
        effects={Reason(ReasonCode[code]): effect for code, effect in effects.items()},
    )


def test_days_of_a_month_are_joined_and_the_sums_stay():
    days = [
        change(date(2026, 3, 30), 9, 7, HOUSED=-2),
        change(date(2026, 3, 31), 7, 8, RESTORED=1),
        change(date(2026, 4, 1), 8, 6, HOUSED=-1, REMOVED=-1),
    ]

    march, april = by_month(days)

    assert (march.since, march.on) == (date(2026, 3, 30), date(2026, 3, 31))
    assert (march.place_from, march.place_to, april.place_to) == (10, 9, 7)
    assert march.effects == {Reason(ReasonCode.HOUSED): -2, Reason(ReasonCode.RESTORED): 1}
    assert april == days[2]


def test_what_a_day_did_and_undid_is_no_reason():
    there, back = (
        change(date(2026, 3, 30), 9, 7, OWN_MOMENT=-2),
        change(date(2026, 3, 30), 7, 9, OWN_MOMENT=2),
    )
    assert joined([there, back]).effects == {}
