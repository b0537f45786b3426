"""The whole way, from the bytes of an input to the bytes of a result."""

from .distribute import distribute
from .document import ReadInput, read_input
from .explain import explain
from .result_document import result_document
from .strict_json import Json, canonical_bytes


def run(data: bytes) -> bytes:
    """
    Distribute.

    :param data: an input document.
    :return: the canonical form of the result.
    :raises InputRefused: with the path of what breaks the contract.
    """
    return canonical_bytes(document_of_result(read_input(data)))


def document_of_result(read: ReadInput) -> dict[str, Json]:
    """The result of an input that was read, as a JSON document."""
    return result_document(distribute(read.values), read.sha256)


def explain_entry(data: bytes, entry_id: str) -> bytes:
    """
    One entry's row of the result, in canonical form.

    :raises InputRefused: if the input breaks the contract or has no such entry.
    """
    values = read_input(data).values
    return canonical_bytes(explain(values, distribute(values), entry_id))
