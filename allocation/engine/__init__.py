"""
The distribution engine: a round's input in, who gets which dwelling and why out.

Pure: the standard library only; no clock, no chance, no database. The same bytes give the same bytes
everywhere. It travels inside every bundle, so it imports nothing outside itself. The rules in words:
docs/allocation-algorithm.md.
"""

from .bundle import Form, make_bundle
from .distribute import distribute
from .document import ReadInput, read_input
from .explain import explain
from .refusal import InputRefused
from .result_document import result_document
from .running import document_of_result, explain_entry, run
from .strict_json import Json, canonical_bytes, digest
from .values import RoundInput, RoundResult
from .verify import Verification, verify_bundle
from .version import ENGINE_VERSION

__all__ = [
    "ENGINE_VERSION",
    "Form",
    "InputRefused",
    "Json",
    "ReadInput",
    "RoundInput",
    "RoundResult",
    "Verification",
    "canonical_bytes",
    "digest",
    "distribute",
    "document_of_result",
    "explain",
    "explain_entry",
    "make_bundle",
    "read_input",
    "result_document",
    "run",
    "verify_bundle",
]
