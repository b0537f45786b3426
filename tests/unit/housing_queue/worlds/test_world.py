"""A made world: the same bytes from the same seed, at any size, and nobody in it who lives."""

import gzip
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from housing_queue.worlds.world import make_world
from queue_registry.rules.iin import is_iin
from tests.unit.queue_registry.legacy.worlds import read_world

SAMPLE = Path("tests/data/sample")
NAMES = {"world.jsonl.gz", "paper.xlsx", "rshep.csv", "spp.csv", "planted.json"}


def people_of(made):
    return [json.loads(line) for line in gzip.decompress(made["world.jsonl.gz"]).decode().splitlines()]


@pytest.fixture(scope="module")
def made():
    return make_world(seed=4, households=300)


@pytest.fixture(scope="module")
def people(made):
    return people_of(made)


@pytest.mark.parametrize("households", [1, 60])
def test_the_same_seed_and_size_give_the_same_bytes(households):
    assert make_world(seed=7, households=households) == make_world(seed=7, households=households)


def test_another_seed_gives_other_bytes_in_every_file():
    one, other = make_world(seed=7, households=60), make_world(seed=8, households=60)

    assert {name for name in NAMES if one[name] == other[name]} == set()


def test_two_processes_with_other_hashes_give_the_same_bytes(tmp_path):
    for hash_seed in ("1", "77"):
        subprocess.run(
            [sys.executable, "manage.py", "make_world", tmp_path / hash_seed, "--seed=5", "--households=60"],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        )

    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / hash_seed).iterdir()}
        for hash_seed in ("1", "77")
    )
    assert set(one) == NAMES
    assert one == other == make_world(seed=5, households=60)


def test_a_world_without_households_is_refused(tmp_path):
    with pytest.raises(CommandError, match="at least one household"):
        call_command("make_world", str(tmp_path / "world"), seed=1, households=0)
    assert not (tmp_path / "world").exists()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("households", [1, 2, 10, 300])
def test_a_world_of_any_size_has_its_households_and_three_lists_that_can_be_read(households, seed):
    contents = make_world(seed=seed, households=households)
    world = read_world(contents)

    assert set(contents) == NAMES
    assert (world.planted["seed"], world.planted["households"]) == (seed, households)
    assert world.planted["people"] == len(world.people)
    assert sum(world.planted["fates"].values()) == households
    assert min(world.planted["rows"].values()) >= 1


def test_nobody_in_it_lives(people):
    assert len({person["iin"] for person in people}) == len(people)
    for person in people:
        iin, born = person["iin"], date.fromisoformat(person["birth_date"])
        assert is_iin(iin)
        # The century digit of people born in the 1800s, by sex.
        assert iin[6] == {"m": "1", "f": "2"}[person["sex"]]
        assert iin[:6] == f"{born:%y%m%d}"
        assert re.fullmatch(r"\+7700000[0-9]{4}", person["phone"])


def test_families_name_each_other(people):
    ties = {(person["iin"], kin["iin"]): kin["relation"] for person in people for kin in person["family"]}
    back = {"spouse": "spouse", "child": "parent", "parent": "child"}

    assert ties
    assert {pair for pair, relation in ties.items() if ties.get(pair[::-1]) != back[relation]} == set()


def test_a_world_is_as_of_the_month_after_its_latest_income(people):
    assert max(month for person in people for month in person["income"]) == "2026-08"
    days = [person["birth_date"] for person in people]
    days += [person["death_date"] for person in people if person["death_date"]]
    assert max(days) < "2026-09-01"


def test_every_status_every_fate_and_a_missing_consent_come_up():
    made = make_world(seed=11, households=4_000)
    people = people_of(made)

    assert {status["code"] for person in people for status in person["statuses"]} == {
        "wwii_veteran",
        "orphan",
        "large_family_mother",
        "pensioner",
        "kandas",
        "budget_worker",
        "civil_servant",
        "military",
        "single_parent",
        "chronic_illness",
        "emergency_dwelling",
    }
    fates = json.loads(made["planted.json"])["fates"]
    assert set(fates) == {"ok", "unregistered", "owned", "moved", "dead", "not_citizen"}
    assert sum(person["registered"] is None for person in people) == fates["unregistered"]
    assert sum(bool(person["property"]) for person in people) == fates["owned"]
    assert sum(bool(person["death_date"]) for person in people) == fates["dead"]
    assert {person.get("consent", True) for person in people} == {True, False}
    assert any(person["disability"] for person in people)


def test_its_files_have_the_form_of_the_sample_s(made):
    sample = {path.name: path.read_bytes() for path in SAMPLE.iterdir()}

    assert set(sample) == set(made)
    assert list(json.loads(sample["planted.json"])) == list(json.loads(made["planted.json"]))
    for name in ("spp.csv", "rshep.csv"):
        assert made[name].split(b"\r\n")[0] == sample[name].split(b"\r\n")[0]
        assert made[name].endswith(b"\r\n")
    of_sample = people_of(sample)[0]
    for person in people_of(made):
        assert [key for key in person if key != "consent"] == list(of_sample)
    for key in ("name", "registered"):
        assert list(people_of(made)[0][key] or of_sample[key]) == list(of_sample[key])
    for key in ("family", "property", "statuses"):
        one, other = (
            next(list(person[key][0]) for person in people_of(files) if person[key])
            for files in (made, sample)
        )
        assert one == other
