"""The table of systems: complete, consistent, and refused with a reason when it is not."""

import re
from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from integrations.contract import FactKind, Outcome
from integrations.fakes.manners import MANNERS
from integrations.fakes.world import StatusCode
from integrations.sources import ADAPTERS, definitions
from integrations.sources.definitions import DEFINITIONS

ROW = """
[defaults]
contract_version = "1"
consent_scope = "s"
consent_required = true
rate_per_s = 5
concurrency = 4
timeout = "30s"
max_attempts = 10
deadline = "14d"
needs_token = false
maintenance_windows = []
dead_letter_owner = "operator"
enabled = true
flip_share = "0.02"
flip_window = "1h"
flip_minimum = 50
code_map = { X = "TEMPORARY" }
[one]
title_kk = "к"
title_ru = "р"
owner = "о"
service_id = "S"
operations = ["a"]
answers = ["PERSON"]
ttl = "24h"
ttl_before_allocation = "1d"
expected_lag = "12h"
code_map = { "0" = "FOUND" }
"""


DOCS = Path(__file__).resolve().parents[3] / "docs"
ENABLED = [code for code, definition in DEFINITIONS.items() if definition.enabled]


def test_every_row_that_is_on_has_an_adapter_and_every_adapter_a_row():
    assert set(ENABLED) == set(ADAPTERS) == set(MANNERS)


def test_the_reserve_is_data_and_off():
    assert set(DEFINITIONS) - set(ENABLED) == {"vehicles", "otbasy", "oip", "cks"}


@pytest.mark.parametrize(
    ("window", "moment", "is_inside"),
    [
        ("02:00-04:00", time(1, 59), False),
        ("02:00-04:00", time(2), True),
        ("02:00-04:00", time(3, 59), True),
        ("02:00-04:00", time(4), False),
        ("23:00-01:00", time(23, 30), True),
        ("23:00-01:00", time(0, 59), True),
        ("23:00-01:00", time(1), False),
        ("23:00-01:00", time(12), False),
    ],
)
def test_a_maintenance_window_begins_with_its_first_minute_and_ends_before_its_last(
    window, moment, is_inside
):
    definition = definitions.load(ROW.replace("windows = []", f'windows = ["{window}"]'))["one"]

    assert definition.is_in_maintenance(moment) is is_inside


def test_the_sixteen_systems_and_the_two_reserve_ones_that_lists_need_are_on():
    assert sum(definition.enabled for definition in DEFINITIONS.values()) == 16 + 2


def test_the_docs_name_every_system_that_is_on():
    text = (DOCS / "integrations.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == sorted(ENABLED)


def test_the_contract_of_a_world_names_every_status_and_every_system_that_knows_one():
    text = (DOCS / "contracts" / "data.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"Status codes: ([a-z_, ]+)\.", text)
    table = text.partition("**Which system knows what**")[2].partition("manage.py")[0]
    known = {one.code: one for one in DEFINITIONS.values() if one.statuses & set(get_args(StatusCode))}

    assert set(listed.split(", ")) == set(get_args(StatusCode))
    assert [code for code in known if f"| `{code}` |" not in table] == []
    assert [code for code in get_args(StatusCode) if not re.search(rf"[|,;] {code}\b", table)] == []


def test_services_are_told_apart_by_their_ids():
    assert len({definition.service_id for definition in DEFINITIONS.values()}) == len(DEFINITIONS)


@pytest.mark.parametrize("code", ENABLED)
def test_a_row_says_what_its_own_codes_mean(code):
    definition = DEFINITIONS[code]

    own = {Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED, Outcome.NO_CONSENT}
    assert own <= set(definition.code_map.values())
    assert all((definition.title_kk, definition.title_ru, definition.owner))
    assert bool(definition.statuses) == (FactKind.STATUS in definition.answers)
    assert definition.ttl_before_allocation <= definition.ttl


def test_one_status_is_decided_by_one_system_only():
    codes = [status for definition in DEFINITIONS.values() for status in definition.statuses]

    assert len(codes) == len(set(codes))


def test_a_share_is_exact():
    assert definitions.load(ROW)["one"].flip_share == Fraction(1, 50)


def test_a_row_takes_what_it_does_not_say_from_the_defaults():
    definition = definitions.load(ROW)["one"]

    assert definition.timeout == timedelta(seconds=30)
    assert definition.code_map == {"X": Outcome.TEMPORARY, "0": Outcome.FOUND}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('\nowner = "о"', "", "one: .*owner"),
        ("windows = []", 'windows = ["02:00"]', "one: '02:00' is no window"),
        ("windows = []", 'windows = ["02:00-02:00"]', "one: .* is no window"),
        ('ttl = "24h"', "", "one: ttl is missing"),
        ('ttl = "24h"', 'ttl = "24"', "one: '24' is no span of time"),
        ('ttl = "24h"', 'ttl = "x h"', "one: 'x h' is no span of time"),
        ('share = "0.02"', "share = 0.02", "one: 0.02 is no share"),
        ('share = "0.02"', 'share = "1.02"', "one: '1.02' is no share"),
        ('"0" = "FOUND"', '"0" = "MAYBE"', "one: 'MAYBE' is not a valid Outcome"),
        ('"PERSON"', '"SOUL"', "one: 'SOUL' is not a valid FactKind"),
        ('\nowner = "о"', '\nowner = "о"\ncolor = "red"', "one: .*color"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_name(old, new, reason):
    with pytest.raises(ValueError, match=reason):
        definitions.load(ROW.replace(old, new, 1))
