"""What the registers of a synthetic world say, as the ledger asks for it."""

from datetime import date

from queue_registry.rules.legacy.names import PersonName
from queue_registry.rules.legacy.register import Identity, Kin, Relation


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
