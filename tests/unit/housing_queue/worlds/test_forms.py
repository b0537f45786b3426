"""The same worlds in other forms: what is planted is found under any header, order and kind of file."""

import hashlib
import json
from collections import Counter
from random import Random

import pytest
from django.core.management import call_command

from housing_queue.worlds import forms
from housing_queue.worlds.world import make_world
from queue_registry.legacy_files.columns import from_json
from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.legacy_files.reader import read
from queue_registry.rules.legacy.codes import Source
from tests.unit.queue_registry.legacy.worlds import lists_of, read_world

OF_WORLDS = {"seed", "households", "people", "fates", "planted", "rows", "distinct_applicants", "counts"}
TRAITS = {
    "paper": {
        "xlsx",
        "csv",
        "separator ';'",
        "separator ','",
        "separator '\\t'",
        "utf-8",
        "utf-8-sig",
        "extra columns",
        "header of two rows",
        "header with groups",
        "columns numbered",
        "cells merged down",
        "formulas",
        "hidden rows",
        "strange headers",
        "a sheet that is no list",
    },
    "rshep": {"xlsx", "csv", "extra columns", "formulas", "hidden rows", "strange headers"},
    "spp": {"xlsx", "csv", "extra columns", "formulas", "hidden rows", "strange headers"},
}


def planted_in(contents):
    return json.loads(contents["planted.json"])


@pytest.mark.parametrize(
    ("households", "seed"),
    [*((1, seed) for seed in range(31, 35)), *((60, seed) for seed in range(31, 45)), (400, 31), (400, 32)],
)
def test_in_any_form_exactly_the_planted_codes_are_found(households, seed):
    made = read_world(make_world(seed=seed, households=households, forms=True))
    planted = made.planted

    assert sorted(made.row_codes, key=str) == sorted(planted["row_codes"], key=str)
    differ = [
        other.stated - other.counted for other in made.files[Source.PAPER].others if other.total_differs
    ]
    assert differ == [off for off in planted["totals_off"] if off]
    rows = {(one.row.source.value, one.row.sheet, one.row.row) for one in made.ledger.rows}
    assert rows == {(one["source"], one["sheet"], one["row"]) for one in planted["row_truth"]}
    assert sum(planted["rows"].values()) == len(made.ledger.rows) == len(rows)


def test_every_form_comes_up():
    rng = Random(5)
    columns = [("number", "REG_NUM"), ("iin", "IIN"), ("date", "REG_DATE")]
    drawn = [forms.draw_paper(rng, sheets=2, may_be_csv=True) for _ in range(100)]
    drawn += [forms.draw_system(rng, source, columns) for source in ("spp", "rshep") for _ in range(100)]

    found = {source: set() for source in TRAITS}
    for form in drawn:
        found[form.source] |= set(form.traits)
    assert found == TRAITS


def test_the_form_changes_nobody_and_no_defect():
    plain, formed = (make_world(seed=31, households=60, forms=has_forms) for has_forms in (False, True))
    of_plain, of_formed = planted_in(plain), planted_in(formed)

    assert plain["world.jsonl.gz"] == formed["world.jsonl.gz"]
    assert {key: of_plain[key] for key in OF_WORLDS} == {key: of_formed[key] for key in OF_WORLDS}
    codes = [
        Counter((row["source"], *row["codes"]) for row in one["row_codes"]) for one in (of_plain, of_formed)
    ]
    assert codes[0] == codes[1]
    assert set(of_formed) - set(of_plain) == {"forms", "row_truth"}


def test_the_same_seed_gives_the_same_bytes_in_forms_too(tmp_path):
    call_command("make_world", str(tmp_path), seed=44, households=60, forms=True)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == make_world(
        seed=44, households=60, forms=True
    )


def test_a_world_without_forms_is_as_it_ever_was():
    made = make_world(seed=7, households=60)

    digests = {
        name: hashlib.sha256(made[name]).hexdigest()[:16] for name in ("spp.csv", "rshep.csv", "planted.json")
    }
    assert digests == {
        "spp.csv": "01da5c6dbd01fc5b",
        "rshep.csv": "cc353513917eb385",
        "planted.json": "213f9826e9436ed8",
    }


def test_what_a_person_has_to_say_of_columns_is_needed_and_enough():
    made = next(
        one
        for seed in range(31, 71)
        if planted_in(one := make_world(seed=seed, households=20, forms=True))["forms"]["rshep"]["columns"]
    )
    form = planted_in(made)["forms"]["rshep"]
    name, content = form["file"], made[form["file"]]

    with pytest.raises(LegacyFileError, match="header lacks"):
        read(content, file_name=name, source=Source.RSHEP)
    said = read(content, file_name=name, source=Source.RSHEP, columns=from_json(form["columns"]))
    assert len(said.rows) == planted_in(made)["rows"]["rshep"]
    assert lists_of(planted_in(made))[Source.RSHEP] == (name, from_json(form["columns"]))
