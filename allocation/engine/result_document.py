"""The result document, format `round-result/1`: values to JSON."""

from typing import Final

from .fields import fraction_text
from .strict_json import Json
from .values import Allotment, ListShare, PassedOver, RoundResult, TierResult, Witness, YearLedger
from .version import ENGINE_VERSION

FORMAT: Final = "round-result/1"


def result_document(result: RoundResult, input_sha256: str) -> dict[str, Json]:
    """
    The result as a JSON document.

    :param input_sha256: digest of the canonical form of the input.
    """
    return {
        "format": FORMAT,
        "engine": ENGINE_VERSION,
        "input_sha256": input_sha256,
        "tiers": [_tier(tier) for tier in result.tiers],
        "allotments": [allotment_document(allotment) for allotment in result.allotments],
        "passed_over": [passed_over_document(passed_over) for passed_over in result.passed_over],
        "witnesses": {name: witness_document(witness) for name, witness in result.witnesses.items()},
        "not_reached": dict(result.not_reached),
        "unallotted": list(result.unallotted),
        "year_to_date": _year(result.year_to_date),
    }


def _tier(tier: TierResult) -> dict[str, Json]:
    document: dict[str, Json] = {"kind": tier.kind.value, "available": tier.available, "shortfall": None}
    if tier.shortfall is not None:
        document["shortfall"] = {"missing": tier.shortfall.missing, "reason": tier.shortfall.reason.value}
    if tier.lists is not None:
        document["lists"] = [_list_share(share) for share in tier.lists]
        return document
    document["served"] = tier.served
    if tier.target is not None:
        document["target"] = tier.target
    return document


def _list_share(share: ListShare) -> dict[str, Json]:
    return {
        "list": share.list_code,
        "count": share.count,
        "share": fraction_text(share.share),
        "owed_before": fraction_text(share.owed_before),
        "by_share_before": share.by_share_before,
        "seats": share.seats,
        "served": share.served,
    }


def allotment_document(allotment: Allotment) -> dict[str, Json]:
    return {
        "dwelling": allotment.dwelling,
        "entry": allotment.entry,
        "file_no": allotment.file_no,
        "list": allotment.list_code,
        "place": allotment.place,
        "tier": allotment.tier,
        "turn": allotment.turn,
        "level": allotment.level.value,
        "reserve": list(allotment.reserve),
    }


def passed_over_document(passed_over: PassedOver) -> dict[str, Json]:
    document: dict[str, Json] = {
        "entry": passed_over.entry,
        "list": passed_over.list_code,
        "place": passed_over.place,
        "tier": passed_over.tier,
        "code": passed_over.code,
    }
    if passed_over.witness is not None:
        document["witness"] = passed_over.witness
    return document


def witness_document(witness: Witness) -> dict[str, Json]:
    return {"entries": list(witness.entries), "dwellings": list(witness.dwellings)}


def _year(year: YearLedger) -> dict[str, Json]:
    return {
        "distributed": year.distributed,
        "lists": {
            code: {
                "owed": fraction_text(account.owed),
                "by_share": account.by_share,
                "received": account.received,
            }
            for code, account in year.lists.items()
        },
    }
