"""One rule applied, with the figures it saw; and the three answers a rule can give."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """UNKNOWN is never turned into FAIL: a register that didn't answer takes nobody's place away."""

    PASS = "PASS"  # noqa: S105
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


class Rule(StrEnum):
    """
    What is asked of a household before it is provided with a home; the last six are notes that bar nobody.
    """

    IDENTITY = "IDENTITY"
    ALIVE = "ALIVE"
    CITIZEN = "CITIZEN"
    REGISTERED = "REGISTERED"
    RESIDENT = "RESIDENT"
    RESIDENCE_LONG_ENOUGH = "RESIDENCE_LONG_ENOUGH"
    OWNS_NO_DWELLING = "OWNS_NO_DWELLING"
    CATEGORY = "CATEGORY"
    INCOME_UNDER_CEILING = "INCOME_UNDER_CEILING"
    SOLD_WITHIN_5_YEARS = "SOLD_WITHIN_5_YEARS"
    INCOME_GAP = "INCOME_GAP"
    INCOME_UNANSWERED = "INCOME_UNANSWERED"
    MEMBER_DECEASED = "MEMBER_DECEASED"
    MEMBER_NOT_IN_REGISTER = "MEMBER_NOT_IN_REGISTER"
    MARRIAGE_ON_ONE_SIDE = "MARRIAGE_ON_ONE_SIDE"


NOTES = frozenset(
    {
        Rule.SOLD_WITHIN_5_YEARS,
        Rule.INCOME_GAP,
        Rule.INCOME_UNANSWERED,
        Rule.MEMBER_DECEASED,
        Rule.MEMBER_NOT_IN_REGISTER,
        Rule.MARRIAGE_ON_ONE_SIDE,
    }
)


class Finding(NamedTuple):
    """
    One rule applied to one household; a named tuple, for a freeze makes a million.

    `required` and `actual` are figures or codes, never sentences; presenters say them in words. `person`
    is the key of whom it is about; `code` is set where the verdict is not PASS. `rests_on` are the answers
    without which a failure would be none: (person, source). `fresh_until` is the end of the first of them;
    `held` says that one of their sources is held.
    """

    rule: Rule
    verdict: Verdict
    required: str = ""
    actual: str = ""
    source: str = ""
    as_of: datetime | None = None
    person: int | None = None
    code: str = ""
    rests_on: tuple[tuple[int, str], ...] = ()
    fresh_until: datetime | None = None
    held: bool = False

    def as_json(self) -> dict[str, str | int | bool | None]:
        """Return the finding as plain JSON values, for keeping beside a verdict."""
        return {
            "rule": self.rule.value,
            "verdict": self.verdict.value,
            "required": self.required,
            "actual": self.actual,
            "source": self.source,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "person": self.person,
            "code": self.code,
            "fresh_until": self.fresh_until.isoformat() if self.fresh_until else None,
            "held": self.held,
        }
