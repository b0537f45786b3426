"""Step 1: who may take part. Eligibility, income tests of the lists, rung of the affordability ladder."""

from collections.abc import Sequence

from .values import MILLIONTHS, Code, Eligibility, Entry, Policy, Rung

NO_RUNG = "none"


def rung_of(*, income: int, ladder: Sequence[Rung], subsistence_minimum: int) -> str:
    """The first rung whose limit (inclusive) the income does not exceed, or `none` above the last."""
    for rung in ladder:
        if income * MILLIONTHS <= rung.limit * subsistence_minimum:
            return rung.name
    return NO_RUNG


class EntryFilter:
    """The filter of one policy: `code_for` an entry is None when it passes."""

    def __init__(self, policy: Policy) -> None:
        minimum = policy.income.subsistence_minimum
        # Products of two amounts in millionths; an income is raised to the same unit before it is compared.
        self._below = {code: multiple * minimum for code, multiple in policy.income.below.items()}
        self._exempt = frozenset(policy.income.exempt_flags)
        self._minimum = minimum
        self._ladder = policy.ladder
        self._rung = policy.support.rung

    def code_for(self, entry: Entry) -> str | None:
        """Why the entry does not take part, or None if it does: the first reason in the order of the rule."""
        if entry.eligibility is Eligibility.ELIGIBLE:
            return self._income_code(entry) or self._rung_code(entry)
        if entry.eligibility is Eligibility.INELIGIBLE:
            return f"{Code.INELIGIBLE}:{entry.reason}"
        return Code.CHECKS_INCOMPLETE

    def is_exempt(self, entry: Entry) -> bool:
        """Does a flag of the household free it from the income test of its list (never from the ladder)."""
        return not self._exempt.isdisjoint(entry.flags)

    def passes_income_test(self, entry: Entry) -> bool:
        """Would the entry pass the income test of its list without any exemption."""
        limit = self._below.get(entry.list_code)
        return limit is None or (entry.income is not None and entry.income * MILLIONTHS < limit)

    def _income_code(self, entry: Entry) -> str | None:
        if self.passes_income_test(entry) or self.is_exempt(entry):
            return None
        return Code.INCOME_UNKNOWN if entry.income is None else Code.INCOME_OVER_LIMIT

    def _rung_code(self, entry: Entry) -> str | None:
        if self._rung is None:
            return None
        if entry.income is None:
            return Code.INCOME_UNKNOWN
        rung = rung_of(income=entry.income, ladder=self._ladder, subsistence_minimum=self._minimum)
        return None if rung == self._rung else f"{Code.OTHER_RUNG}:{rung}"
