"""What every operation of the API may answer besides: one form of errors, described once."""

from typing import Any, Final

_PROBLEM: Final = {
    "type": "object",
    "description": (
        "Why something was not answered, as RFC 9457 has it. `code` is for programs; `errors` names the "
        "fields that are wrong, where `code` is INVALID."
    ),
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {}},
        "retry_after": {"type": "integer"},
    },
    "required": ["type", "title", "status", "code"],
}
_WORDS: Final = {
    "400": "What was sent is wrong; the fields are named.",
    "401": "No token, or one that is not good.",
    "403": "This is not allowed.",
    "404": "There is nothing here.",
    "405": "This address has no such method.",
    "406": "Answers are JSON.",
    "409": "It does not go together with what is there; `code` says why.",
    "413": "The request is too long.",
    "415": "Requests are JSON.",
    "422": "The Idempotency-Key was sent with another request.",
    "429": "Too many requests; `retry_after` says when to come back.",
    "503": "It cannot be answered now.",
}
# Only some operations can answer so.
_BY_BODY: Final = frozenset({"413", "415"})
_BY_KEY: Final = frozenset({"409", "422"})


def describe_problems(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Add to the schema how each operation refuses; called when the schema is made."""
    result["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            _describe(operation)
    return result


def _describe(operation: dict[str, Any]) -> None:
    for code, words in _WORDS.items():
        if code in _BY_BODY and "requestBody" not in operation:
            continue
        if code in _BY_KEY and operation["operationId"] != "applications_create":
            continue
        operation["responses"].setdefault(
            code,
            {
                "description": words,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
