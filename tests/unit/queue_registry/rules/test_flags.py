"""Each red flag at its limit and beside it; honest histories have none (D4, E6)."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules import flags
from queue_registry.rules.flags import limits, places
from queue_registry.rules.flags.kinds import BACKDATING, FlagKind
from queue_registry.rules.flags.values import Channel, Contact, Histories, Home, Proof, What, YearShare
from tests.unit.queue_registry.rules.flags_world import (
    AT,
    DAY,
    FIRST,
    IN_FORCE,
    LIST,
    PROVEN,
    entry,
    flag_of,
    found,
    kinds,
    line,
    moved_before,
    queue,
    registered,
    round_of,
    subject,
    with_step,
)

LATE = FIRST + DAY * 1_000


def test_an_honest_queue_has_no_flags():
    assert found(queue(300, series="desk:1")) == []


# Backdating


@pytest.mark.parametrize(("days", "is_flagged"), [(30, False), (31, True)])
def test_a_moment_long_before_the_entry_was_typed(days, is_flagged):
    late = entry(0, typed_at=FIRST + DAY * days)
    world = Histories(entries=(late,), steps=(registered(late),))

    flag = flag_of(world, "MOMENT_BEFORE_ENTRY")

    assert (flag is not None) is is_flagged
    if flag is not None:
        assert flag.figures["days"] == 31
        assert flag.strength == Fraction(31, 30)
        assert flag.involved == {"1"}


@pytest.mark.parametrize("proof", PROVEN[:3])
def test_an_old_list_a_decision_or_a_transfer_excuses_an_old_moment(proof):
    late = entry(0, typed_at=FIRST + DAY * 3_000, proof=proof)

    assert flag_of(Histories(entries=(late,), steps=(registered(late),)), "MOMENT_BEFORE_ENTRY") is None


def numbered(lag, **told):
    """Numbers a day apart, of which the hundredth is so many days before its time."""
    entries = [entry(number, series="list:1") for number in range(200)]
    moment = entries[100].moment - DAY * lag
    entries[100] = entry(100, series="list:1", moment=moment, **told)
    return Histories(entries=tuple(entries), steps=tuple(map(registered, entries)))


@pytest.mark.parametrize(("lag", "is_flagged"), [(61, False), (62, True)])
def test_a_number_out_of_sequence(lag, is_flagged):
    # The middle of the neighbors is a day before the honest moment.
    assert (flag_of(numbered(lag), "NUMBER_OUT_OF_SEQUENCE") is not None) is is_flagged


def test_a_row_of_an_old_list_is_checked_and_a_decision_is_not():
    assert flag_of(numbered(400, proof=Proof.IMPORT), "NUMBER_OUT_OF_SEQUENCE") is not None
    given_ = FIRST + DAY * (100 - 400)
    assert flag_of(numbered(400, proven_moment=given_), "NUMBER_OUT_OF_SEQUENCE") is None
    assert flag_of(numbered(400, proven_moment=given_ + DAY * 61), "NUMBER_OUT_OF_SEQUENCE") is not None


@pytest.mark.parametrize(("key", "is_flagged"), [(0, False), (199, True)])
def test_the_last_number_is_held_against_those_before_it_and_the_first_against_nobody(key, is_flagged):
    entries = [entry(number, series="list:1") for number in range(200)]
    entries[key] = entry(key, series="list:1", moment=entries[key].moment - DAY * 400)
    world = Histories(entries=tuple(entries), steps=tuple(map(registered, entries)))

    assert (flag_of(world, "NUMBER_OUT_OF_SEQUENCE") is not None) is is_flagged


def test_a_register_that_was_renumbered_has_no_sequence():
    entries = [
        entry(key, series="list:1", number=key * 7_919 % 199, moment=FIRST + DAY * 20 * key)
        for key in range(199)
    ]

    world = Histories(entries=tuple(entries), steps=tuple(map(registered, entries)))

    assert flag_of(world, "NUMBER_OUT_OF_SEQUENCE") is None


@pytest.mark.parametrize(
    ("length", "number", "target", "is_flagged"),
    [
        (2_000, 900, 826, False),  # 74 places of 2,000
        (2_000, 900, 825, True),  # 75
        (100, 90, 81, False),  # 9 places are too few, a twentieth of the list or not
        (200, 90, 80, True),  # 10 of 200
        (210, 90, 80, False),  # 10 of 210 is less than a twentieth
    ],
)
def test_a_jump_over_many(length, number, target, is_flagged):
    world = moved_before(queue(length), number, target, at=FIRST + DAY * 2_500)

    flag = flag_of(world, "JUMP")

    assert (flag is not None) is is_flagged
    if flag is not None:
        assert flag.figures["before"] == number + 1
        assert flag.figures["after"] == target + 1


@pytest.mark.parametrize("proof", PROVEN)
def test_what_the_register_proves_is_no_jump(proof):
    assert flag_of(moved_before(queue(200), 190, 3, at=LATE, proof=proof), "JUMP") is None


def test_a_later_moment_is_no_jump():
    assert found(with_step(queue(200), 3, at=LATE, moment=FIRST + DAY * 190)) == []


@pytest.mark.parametrize(
    ("number", "target", "is_flagged"),
    [
        (400, 371, False),  # 29 places
        (400, 370, True),  # 30
        (5, 4, False),  # within the homes already
        (10, 9, True),  # place 11 to 10: from behind ten homes to within them
        (11, 10, False),  # still behind
    ],
)
def test_an_edit_while_a_round_is_prepared(number, target, is_flagged):
    prepared = round_of(homes=10, announced=LATE, frozen=LATE + DAY * 20, decided=LATE + DAY * 30)
    world = replace(moved_before(queue(600), number, target, at=LATE + DAY), rounds=(prepared,))

    assert (flag_of(world, "EDIT_AFTER_ANNOUNCEMENT") is not None) is is_flagged


@pytest.mark.parametrize(
    ("at", "is_flagged"),
    [
        (LATE, False),
        (LATE + timedelta(seconds=1), True),
        (LATE + DAY * 30 - timedelta(seconds=1), True),
        (LATE + DAY * 30, False),
    ],
)
def test_only_edits_between_announcement_and_decision_count(at, is_flagged):
    prepared = round_of(homes=10, announced=LATE, frozen=LATE + DAY * 20, decided=LATE + DAY * 30)
    world = replace(moved_before(queue(600), 400, 360, at=at), rounds=(prepared,))

    assert (flag_of(world, "EDIT_AFTER_ANNOUNCEMENT") is not None) is is_flagged


# People


def worked(clerk, count, *, start=0, hour=0):
    """Registrations of one clerk, on working days or so many hours later."""
    entries = []
    for number in range(start, start + count):
        week, day = divmod(number - start, 5)
        moment = FIRST + DAY * (week * 7 + day) + timedelta(hours=hour)
        entries.append(entry(number, moment=moment, clerk=clerk))
    return entries


def office(*groups):
    entries = tuple(one for group in groups for one in group)
    return Histories(entries=entries, steps=tuple(map(registered, entries)))


@pytest.mark.parametrize(("nights", "is_flagged"), [(4, False), (5, True)])
def test_work_alone_at_night(nights, is_flagged):
    world = office(worked("1", 500), worked("2", 50, start=500), worked("2", nights, start=600, hour=12))

    flag = flag_of(world, "ODD_HOURS")

    assert (flag is not None) is is_flagged
    if flag is not None:
        assert (flag.subject, flag.figures["count"]) == ("staff:2", 5)


def test_a_night_in_which_the_office_works_is_no_odd_hour():
    campaign = [worked(str(clerk), 20, start=clerk * 100, hour=12) for clerk in range(3, 6)]

    assert flag_of(office(worked("1", 500, start=1_000), *campaign), "ODD_HOURS") is None


@pytest.mark.parametrize(("changes", "is_flagged"), [(4, False), (5, True)])
def test_one_clerk_changes_moments_more_often_than_the_others(changes, is_flagged):
    world = office(worked("1", 900), worked("2", 50, start=900))
    for number in range(changes):
        world = with_step(world, number, at=LATE, moment=world.entries[number].moment + DAY, clerk="2")

    assert (flag_of(world, "CLERK_RATE") is not None) is is_flagged


def test_changes_that_are_proven_are_nobodys_rate():
    world = office(worked("1", 900), worked("2", 50, start=900))
    for number in range(30):
        world = with_step(world, number, at=LATE, moment=FIRST + DAY * 700, clerk="2", proof=Proof.DECISION)

    assert flag_of(world, "CLERK_RATE") is None


def removed(world, *numbers, at=AT - DAY * 50, **told):
    for number in numbers:
        world = with_step(world, number, what=What.LEFT, at=at, stands=False, **told)
    return world


@pytest.mark.parametrize(
    ("numbers", "told", "is_flagged"),
    [
        ((18, 19), {}, True),
        ((19,), {}, False),
        ((9, 19), {}, False),  # eleven places ahead, and one
        ((10, 19), {}, True),
        ((18, 19), {"proof": Proof.SOURCE}, False),
        ((18, 19), {"at": AT - DAY * 20 - DAY * 120}, True),
        ((18, 19), {"at": AT - DAY * 21 - DAY * 120}, False),
    ],
)
def test_removals_just_ahead_of_a_recipient(numbers, told, is_flagged):
    world = removed(queue(30), *numbers, **told)
    served = round_of(*(line(number, code="INELIGIBLE") for number in range(18)), line(20, turn=1))

    assert (flag_of(replace(world, rounds=(served,)), "NEIGHBOUR_GAIN") is not None) is is_flagged


def test_a_removal_counts_for_one_gainer_alone():
    world = removed(queue(30), 18, 19)
    served = round_of(*(line(number, turn=number + 1) for number in (*range(18), *range(20, 25))), homes=23)

    assert flag_of(replace(world, rounds=(served,)), "NEIGHBOUR_GAIN").subject == subject(20)


@pytest.mark.parametrize(("degree", "is_flagged"), [(0, True), (1, True), (2, True), (3, False)])
def test_an_official_or_a_relative_gets_a_home(degree, is_flagged):
    people = [0, 101, 102, 103]
    kin = {}
    for one, other in pairwise(people[: degree + 1]):
        kin[one] = (*kin.get(one, ()), other)
        kin[other] = (*kin.get(other, ()), one)
    world = replace(queue(3), rounds=(round_of(line(0, turn=1)),), officials={people[degree]: "7"}, kin=kin)

    flag = flag_of(world, "OFFICIAL_OR_RELATIVE")

    assert (flag is not None) is is_flagged
    if flag is not None:
        assert flag.figures["degree"] == degree
        assert flag.involved == {"7", "9"}


def test_a_home_from_the_reserve_counts_as_well():
    called = replace(line(0, code="SEATS_USED"), called=True)
    world = replace(queue(3), rounds=(round_of(called),), officials={0: "7"})

    assert flag_of(world, "OFFICIAL_OR_RELATIVE") is not None


def contacts(*numbers, channel=Channel.PHONE, value="7010000001", days=0):
    return tuple(
        Contact(
            entry=subject(number),
            application=f"application:{number}",
            channel=channel,
            value=value,
            filed_at=FIRST + DAY * days * index,
        )
        for index, number in enumerate(numbers)
    )


@pytest.mark.parametrize(
    ("given_", "is_flagged"),
    [
        (contacts(1, 2), False),
        (contacts(1, 2, 3), True),
        (contacts(1, 2, 3, days=90), True),
        (contacts(1, 2, 3, days=91), False),
        (contacts(1, 2, 3, channel=Channel.ADDRESS), True),
        (contacts(1, 2) + contacts(1, 2, channel=Channel.ADDRESS), True),
        (contacts(1, 2) + contacts(1, 2, channel=Channel.ADDRESS, days=181), True),
        (contacts(1, 2, channel=Channel.IIN), True),
        (contacts(1, channel=Channel.IIN), False),
    ],
)
def test_the_same_phone_address_or_applicant(given_, is_flagged):
    assert (flag_of(replace(queue(5), contacts=given_), "SAME_CONTACT") is not None) is is_flagged


def test_kin_may_share_what_they_like():
    world = replace(queue(5), contacts=contacts(1, 2, 3), kin={2: (3,), 3: (2,)})

    assert flag_of(world, "SAME_CONTACT") is None


def test_a_dormitory_has_many_applications_beside_those_of_half_a_year():
    few = contacts(*range(3), channel=Channel.ADDRESS) + contacts(
        *range(3, 9), channel=Channel.ADDRESS, days=400
    )

    assert flag_of(replace(queue(10), contacts=few), "SAME_CONTACT") is None


# Rounds and homes


def served(*lines, **told):
    return replace(queue(10), rounds=(round_of(*lines, **told),))


def test_a_recipient_who_is_not_first():
    world = served(line(0, turn=1), line(1, code="INELIGIBLE"), line(4, turn=2), line(5, turn=3))

    flag = flag_of(world, "NOT_FIRST")

    assert (flag.subject, flag.figures["ahead"]) == (subject(4), 2)


def test_whoever_is_passed_over_with_a_code_is_explained():
    assert found(served(line(0, code="INELIGIBLE"), line(1, code="NO_DWELLING_FITS"), line(2, turn=1))) == []


def test_whoever_left_before_the_freeze_is_not_ahead():
    world = removed(served(line(1, turn=1)), 0, at=AT - DAY * 31)

    assert found(world) == []


def test_a_recipient_who_is_not_on_the_list():
    gone = removed(served(line(0, turn=1)), 0, at=AT - DAY * 31)
    stranger = served(replace(line(0, turn=1), entry=subject(99)))
    other_list = served(replace(line(0, turn=1), waiting_list="271010000:4"))

    assert ("NOT_ON_LIST", subject(0)) in kinds(gone)
    assert ("NOT_ON_LIST", subject(99)) in kinds(stranger)
    assert ("NOT_ON_LIST", subject(0)) in kinds(other_list)
    assert kinds(removed(served(line(0, turn=1)), 0, at=AT - DAY * 29)) == set()


def test_a_later_moment_before_an_earlier_one():
    world = served(line(0, turn=2), line(1, turn=1), line(2, turn=3))

    flag = flag_of(world, "LATER_BEFORE_EARLIER")

    assert (flag.subject, flag.figures["earlier"], flag.figures["days"]) == (subject(1), 1, 1)
    assert found(served(line(0, turn=1), line(1, turn=2), line(2, turn=3))) == []


@pytest.mark.parametrize(
    ("homes", "received", "waiting", "missing"),
    [(100, 20, 50, 0), (100, 19, 50, 1), (101, 20, 50, 1), (100, 19, 0, 0), (100, 10, 3, 3), (0, 0, 9, 0)],
)
def test_the_orphans_share(homes, received, waiting, missing):
    share = YearShare(
        subject="akimat_year:1", floor=Fraction(1, 5), homes=homes, received=received, waiting=waiting
    )

    flag = flag_of(Histories(shares=(share,)), "ORPHANS_SHARE")

    assert (flag.figures["missing"] if flag else 0) == missing


@pytest.mark.parametrize(("days", "is_flagged"), [(180, False), (181, True)])
def test_a_home_that_stands_idle(days, is_flagged):
    home = Home(subject="dwelling:1", ready_since=AT - DAY * days)

    assert (flag_of(Histories(homes=(home,)), "FLAT_IDLE") is not None) is is_flagged


@pytest.mark.parametrize(
    ("told", "is_flagged"),
    [
        ({"known_at": AT}, True),
        (
            {"known_at": AT - DAY},
            False,
        ),  # ninety days after it was taken nobody lived there; that is not long
        ({"known_at": AT, "lived_in_since": AT - DAY * 5}, False),
        ({"known_at": None}, False),  # nobody was asked since: not known is not no
    ],
)
def test_a_home_that_stands_empty(told, is_flagged):
    home = Home(subject="dwelling:1", taken_at=AT - DAY * 91, **told)

    assert (flag_of(Histories(homes=(home,)), "FLAT_EMPTY") is not None) is is_flagged


# Limits


def test_limits_name_every_kind_and_only_what_it_asks_for():
    text = (limits._FOLDER / "2022.toml").read_text(encoding="utf-8")

    assert limits.parse(text).values == IN_FORCE.values
    for spoiled, complaint in (
        (text.replace('name = "degrees"', 'name = "grades"'), "OFFICIAL_OR_RELATIVE.degrees"),
        (text.replace('kind = "JUMP"', 'kind = "LEAP"', 1), "LEAP"),
        (text.replace('basis = "ours"', 'basis = "habit"', 1), "no basis"),
        (text.replace("value = 30", "value = 30.5", 1), "neither a whole number"),
        (text.replace("in_force_from =", "from ="), "in_force_from"),
        ("[[limit", "no TOML"),
    ):
        with pytest.raises(limits.LimitsBroken, match=complaint):
            limits.parse(spoiled)


def test_the_newest_limits_that_have_begun_are_in_force():
    newer = replace(IN_FORCE, in_force_from=date(2026, 1, 1))

    assert limits.newest((newer, IN_FORCE), date(2025, 12, 31)) is IN_FORCE
    assert limits.newest((newer, IN_FORCE), date(2026, 1, 1)) is newer
    with pytest.raises(limits.LimitsBroken, match="2021-12-31"):
        limits.in_force(date(2021, 12, 31))


def test_backdating_is_what_blocks():
    assert {str(kind) for kind in BACKDATING} == {
        "MOMENT_BEFORE_ENTRY",
        "NUMBER_OUT_OF_SEQUENCE",
        "EDIT_AFTER_ANNOUNCEMENT",
        "JUMP",
    }
    assert set(limits.NAMES) == set(FlagKind)


# Places


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 40)), min_size=1, max_size=25))
def test_places_of_the_walk_are_those_of_a_count_by_hand(moves):
    """Entries move to other moments; each gain is the difference of two full counts."""
    world = queue(12)
    moments = {one.subject: (one.moment, one.file_number) for one in world.entries}
    expected = []
    for index, (number, day) in enumerate(moves):
        key, new = subject(number), FIRST + DAY * day
        before = sum(one < moments[key] for one in moments.values()) + 1
        moments[key] = (new, moments[key][1])
        after = sum(one < moments[key] for one in moments.values()) + 1
        expected.append((key, before, after))
        world = with_step(world, number, at=LATE + DAY * index, moment=new)

    walked = places.walk(world, near=3)

    assert [(gain.step.entry, gain.before, gain.after) for gain in walked.gains] == expected
    assert {gain.length for gain in walked.gains} == {12}


def test_flags_come_in_one_order_whatever_the_order_of_the_rows():
    world = replace(
        moved_before(queue(300), 290, 5, at=LATE), homes=(Home(subject="dwelling:1", ready_since=FIRST),)
    )
    turned = replace(world, entries=world.entries[::-1])

    assert flags.find(world, IN_FORCE, at=AT) == flags.find(turned, IN_FORCE, at=AT)
    assert LIST in {step.waiting_list for step in world.steps}
