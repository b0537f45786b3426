"""One making of an akimat's ledger: what its steps hand to each other."""

from dataclasses import dataclass, field
from datetime import date, datetime

from queue_registry.models import Akimat, Application, ImportRow, Person, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.legacy.outcomes import Ledger, LedgerApplicant
from queue_registry.rules.legacy.register import Families
from queue_registry.rules.legacy.rows import ParsedRow


@dataclass(kw_only=True)
class Settlement:
    """One making of the ledger: what was there before, what is being brought about."""

    akimat: Akimat
    by: User | None
    at: datetime
    document: str
    rows: dict[tuple[int, int, int], ImportRow]
    ledger: Ledger
    families: Families
    people: dict[str, Person]
    # Documents of decisions, by application.
    decided: dict[int, str]
    numbered: dict[str, Application] = field(default_factory=dict)
    # Keys of applicants whose numbers lead to another application of their household.
    led: set[str] = field(default_factory=set)
    # Applications with a place whose rows are another's now: two numbers turned out to be one person's.
    left: list[Application] = field(default_factory=list)

    def row_of(self, parsed: ParsedRow) -> ImportRow:
        return self.rows[parsed.position]

    @property
    def applicants(self) -> list[LedgerApplicant]:
        """Those who have an application of their own."""
        return [one for one in self.ledger.applicants if one.key not in self.led]

    @property
    def on(self) -> date:
        return civil_day(self.at)
