"""A world file is read whole or refused by file, line and field; absent keys mean nothing special."""

import gzip
import json
from datetime import date

import pytest

from integrations.fakes import world

PERSON = {
    "iin": "851231100002",
    "name": {"last": "Тілеуов", "first": "Тимур", "middle": ""},
    "birth_date": "1885-12-31",
    "sex": "m",
    "income": {"2026-07": "1.00", "2025-12": "5"},
}


def write(path, *lines):
    written = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    text = "\n".join(written) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["world.jsonl", "world.jsonl.gz"])
def test_absent_keys_have_defaults(tmp_path, name):
    people = world.load(write(tmp_path / name, PERSON, "", {**PERSON, "iin": "851231200009", "unheard": 1}))

    person = people.get_person("851231100002")
    assert (person.consent, person.registered, person.family, person.citizenship) == (True, None, (), "KAZ")
    assert people.get_person("920330200109") is None
    assert len(people.lines) == 2


@pytest.mark.parametrize(
    ("months", "expected"),
    [({"2026-08": "1"}, date(2026, 9, 1)), ({"2025-12": "1", "2025-01": "1"}, date(2026, 1, 1)), ({}, None)],
)
def test_a_world_is_as_of_the_day_after_its_latest_month_of_income(tmp_path, months, expected):
    assert world.load(write(tmp_path / "w.jsonl", {**PERSON, "income": months})).as_of == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"iin": "85123110000"}, "iin"),
        ({"iin": 851231100002}, "iin"),
        ({"birth_date": "31.12.1885"}, "birth_date"),
        ({"sex": "x"}, "sex"),
        ({"name": None}, "name"),
        ({"registered": {"kato": "27"}}, "registered.kato"),
        ({"property": [{"share": "0/2"}]}, "property.0.share"),
        ({"property": [{"share": "1/2", "area": "54,2"}]}, "property.0.area"),
        ({"income": {"2026-13": "1"}}, "income.2026-13.[key]"),
        ({"income": {"2026-08": "-1"}}, "income.2026-08"),
        ({"disability": {"group": 4}}, "disability.group"),
        ({"statuses": [{"code": "tsar"}]}, "statuses.0.code"),
        ({"family": [{"iin": "851231200009", "relation": "uncle"}]}, "family.0.relation"),
    ],
)
def test_a_malformed_person_is_refused_by_file_line_and_field(tmp_path, change, field):
    path = write(tmp_path / "w.jsonl", {**PERSON, "iin": "920330200109"}, {**PERSON, **change})

    with pytest.raises(world.WorldError) as caught:
        world.load(path)
    assert str(caught.value).startswith(f"{path}, line 2: {field}")
    assert "851231100002" not in str(caught.value)


@pytest.mark.parametrize("line", ["{", "[]", "null", "слово"])
def test_a_line_that_is_no_person_is_refused(tmp_path, line):
    with pytest.raises(world.WorldError, match=r"w\.jsonl, line 1: "):
        world.load(write(tmp_path / "w.jsonl", line))


def test_one_person_on_two_lines_is_refused(tmp_path):
    with pytest.raises(world.WorldError, match="line 2: iin"):
        world.load(write(tmp_path / "w.jsonl", PERSON, PERSON))


def test_a_file_that_is_not_there_or_no_archive_is_refused(tmp_path):
    (tmp_path / "w.gz").write_bytes(b"plain")

    for name in ("w.gz", "missing.jsonl"):
        with pytest.raises(world.WorldError, match="can't be read"):
            world.load(tmp_path / name)


def test_a_person_is_found_by_a_former_number_and_nobody_by_one_that_nobody_bore(tmp_path):
    path = write(tmp_path / "world.jsonl", {**PERSON, "former_iins": ["920330200109"]})
    people = world.load(path)

    assert people.get_person("920330200109") == people.get_person("851231100002")
    assert people.get_person("851231200009") is None
    assert len(people.lines) == 1
