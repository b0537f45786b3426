"""The one error of the engine: an input that breaks the contract, and where."""

import json
import re

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


class InputRefused(ValueError):
    """
    A document breaks the contract.

    `path` is a JSON path (`$.entries[3].income`), `problem` says what is wrong with it and never repeats
    the value, which may be personal. The text of the error is one line: `$.entries[3].income: expected a
    decimal as a string`.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem

    def under(self, parent: str) -> "InputRefused":
        """The same refusal seen from the document that holds this part of it."""
        return InputRefused(parent + self.path, self.problem)


def key_path(key: str) -> str:
    """The path of a key inside an object; an odd key is escaped: a message stays one line of ASCII."""
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else f".{json.dumps(key)}"
