"""What the registers of a synthetic world say, as the ledger asks for it, and the ledger of its lists."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from queue_registry.legacy_files.columns import SheetColumns, from_json
from queue_registry.legacy_files.reader import LegacyFile, read
from queue_registry.rules.legacy.codes import RULES, Kind, Source
from queue_registry.rules.legacy.ledger import reconcile
from queue_registry.rules.legacy.mapping import first_mapping
from queue_registry.rules.legacy.names import PersonName
from queue_registry.rules.legacy.outcomes import Ledger
from queue_registry.rules.legacy.register import NOT_IN_REGISTER, Identity, Kin, Relation
from queue_registry.rules.legacy.rows import parse

FILES = {Source.SPP: "spp.csv", Source.RSHEP: "rshep.csv", Source.PAPER: "paper.xlsx"}
AS_OF = date(2026, 9, 1)
NOTES = {code for code, rule in RULES.items() if rule.kind is Kind.NOTE}


@dataclass(frozen=True)
class World:
    """A world as read back from its files."""

    people: list[dict[str, Any]]
    planted: dict[str, Any]
    files: dict[Source, LegacyFile]
    ledger: Ledger

    @property
    def row_codes(self) -> list[dict[str, Any]]:
        """The codes of every row that has one, notes aside, in the form of planted.json."""
        found = [
            {
                "source": one.row.source.value,
                "sheet": one.row.sheet,
                "row": one.row.row,
                "codes": [code.value for code in one.codes if code not in NOTES],
            }
            for one in self.ledger.rows
        ]
        return [row for row in found if row["codes"]]

    @property
    def totals_off(self) -> list[int]:
        totals = [row for row in self.files[Source.PAPER].others if row.kind == "TOTAL"]
        return [row.stated - row.counted for row in totals]


def read_world(contents: Mapping[str, bytes]) -> World:
    """Read the files of a world, and make the ledger of its lists from what its registers say."""
    people = people_of(contents)
    planted = json.loads(contents["planted.json"])
    files = {
        source: read(contents[name], file_name=name, source=source, columns=said)
        for source, (name, said) in lists_of(planted).items()
    }
    rows = [parse(row, imported_on=AS_OF) for file in files.values() for row in file.rows]
    unknown = dict.fromkeys((row.iin.iin for row in rows if row.iin.iin), NOT_IN_REGISTER)
    ledger = reconcile(
        rows,
        identities=unknown | identities_of(people),
        families=families_of(people),
        mapping=first_mapping(),
        as_of=AS_OF,
    )
    return World(people, planted, files, ledger)


def people_of(contents: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Return the people of a world."""
    lines = gzip.decompress(contents["world.jsonl.gz"]).decode().splitlines()
    return [json.loads(line) for line in lines]


def lists_of(planted: Mapping[str, Any]) -> dict[Source, tuple[str, tuple[SheetColumns, ...]]]:
    """Return the name of each list, and what a person has to say of its columns."""
    forms = planted.get("forms", {})
    return {
        source: (forms[source]["file"], from_json(forms[source]["columns"])) if forms else (name, ())
        for source, name in FILES.items()
    }


def _day(text):
    return date.fromisoformat(text) if text else None


def identities_of(people):
    return {
        one["iin"]: Identity(
            name=PersonName(one["name"]["last"], one["name"]["first"], one["name"]["middle"]),
            born_on=_day(one["birth_date"]),
            died_on=_day(one["death_date"]),
        )
        for one in people
    }


def families_of(people):
    born = {one["iin"]: _day(one["birth_date"]) for one in people}
    return {
        one["iin"]: [
            Kin(
                iin=kin["iin"],
                relation=Relation(kin["relation"].upper()),
                since=_day(kin["since"]),
                until=_day(kin["until"]),
                born_on=born.get(kin["iin"]),
            )
            for kin in one["family"]
        ]
        for one in people
    }
