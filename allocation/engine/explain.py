"""Why one entry got what it got: its row of the result, with the witness spelt out."""

from .order import Queue
from .refusal import InputRefused
from .result_document import allotment_document, passed_over_document, witness_document
from .strict_json import Json
from .values import Code, RoundInput, RoundResult


def explain(round_input: RoundInput, result: RoundResult, entry_id: str) -> dict[str, Json]:
    """
    The entry's row of the result as a JSON document; one that no tier looked at is NOT_REACHED.

    :raises InputRefused: if the input has no such entry.
    """
    for allotment in result.allotments:
        if allotment.entry == entry_id:
            return allotment_document(allotment)
    for passed_over in result.passed_over:
        if passed_over.entry == entry_id:
            row = passed_over_document(passed_over)
            if passed_over.witness is not None:
                witness = witness_document(result.witnesses[passed_over.witness])
                row["witness"] = {"name": passed_over.witness, **witness}
            return row
    return _not_reached(round_input, entry_id)


def _not_reached(round_input: RoundInput, entry_id: str) -> dict[str, Json]:
    queue = Queue(round_input.entries)
    for rank, entry in enumerate(queue.entries):
        if entry.id == entry_id:
            return {
                "code": Code.NOT_REACHED,
                "entry": entry_id,
                "list": entry.list_code,
                "place": queue.place(rank),
            }
    raise InputRefused("$.entries", "no entry has this id")
