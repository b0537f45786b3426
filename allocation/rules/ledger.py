"""The account of a year between rounds, in the form of the engine's `year_to_date`."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any


def opening() -> dict[str, Any]:
    """Return the ledger of an akimat that has not distributed yet."""
    return {"distributed": 0, "lists": {}}


def carried_over(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the ledger with which a new year opens: what a list was owed and did not get goes on (it may be
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
