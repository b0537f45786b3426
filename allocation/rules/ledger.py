"""The account of a period between rounds, in the form of the engine's `year_to_date`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

_NOTHING: Final = {"owed": "0", "by_share": 0, "received": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class LostHome:
    """
    A home that a round gave to a list and that does not stand any more.

    `by_share`: the list had it by its share. `is_counted`: the round is one of the account's own period, so
    that the home is in its counts; else only what was carried over knows it.
    """

    list_number: str
    by_share: bool
    is_counted: bool


def opening() -> dict[str, Any]:
    """Return the ledger of an akimat that has not distributed yet."""
    return {"distributed": 0, "lists": {}}


def without(ledger: Mapping[str, Any], lost: Iterable[LostHome]) -> dict[str, Any]:
    """
    Return the ledger without homes that do not stand any more. A list that had one by its share is owed it
    again, and no other list is owed anything else than before.
    """
    after: dict[str, Any] = {
        "distributed": ledger["distributed"],
        "lists": {number: dict(account) for number, account in ledger["lists"].items()},
    }
    for home in lost:
        account = after["lists"].setdefault(home.list_number, dict(_NOTHING))
        if home.is_counted:
            after["distributed"] -= 1
            account["received"] -= 1
            account["by_share"] -= int(home.by_share)
        else:
            account["owed"] = str(Fraction(account["owed"]) + int(home.by_share))
    return after


def carried_over(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the ledger with which a new period opens: what a list was owed and did not get goes on (it may be
    negative), so that a tiny list is not rounded away every year; all counts begin again.
    """
    return {
        "distributed": 0,
        "lists": {
            number: {
                "owed": str(Fraction(account["owed"]) - account["by_share"]),
                "by_share": 0,
                "received": 0,
            }
            for number, account in ledger["lists"].items()
        },
    }
