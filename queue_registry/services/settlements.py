"""
What an akimat's legacy lists make of its register: file numbers, households, entries, open cases.

The ledger is a pure function of all confirmed rows, of what the registers said, of what people decided and of
the akimat's mapping, so it is made again whenever one of them changes. What it says is then brought about: a
number once given stays; who can be placed is; who can't any more keeps the place, out of distribution, until
a person decides; nothing that the commission decided on is touched.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Final

from django.db import transaction

from queue_registry import collector
from queue_registry.models import (
    Akimat,
    Application,
    HouseholdMember,
    ImportCase,
    ImportRow,
    ImportSettlement,
    Person,
    QueueEntry,
    QueueEntryEvent,
    User,
    WaitingList,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.contacts import first_phone
from queue_registry.rules.facts import Source
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.outcomes import Case, Ledger, LedgerApplicant
from queue_registry.rules.legacy.register import Families, Kin, Relation, current_kin, is_minor
from queue_registry.rules.legacy.rows import ParsedRow
from queue_registry.rules.sources import Question
from queue_registry.rules.statuses import UNDECIDED, QueueEntryStatus
from queue_registry.selectors import consents, import_decisions, ledgers, legacy
from queue_registry.selectors.moves import was_decided_by_a_person
from queue_registry.services import applications, audit, checks, contacts, import_rows, persons, queue_entries
from queue_registry.services.queue_entries import Ground

_BATCH: Final = 2_000
_LONGEST_DOCUMENT: Final = 300


@dataclass(kw_only=True)
class _Settlement:
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


Tell = Callable[[int, int], None]
_STEPS: Final = 8


def tell_nobody(_done: int, _total: int) -> None:
    """Where nobody waits for progress."""


@transaction.atomic
@collector.paused()
def settle(
    *, akimat: Akimat, by: User | None, at: datetime, document: str, tell: Tell = tell_nobody
) -> Ledger:
    """
    Make the ledger of an akimat's confirmed rows, bring about what it says, and return it.

    :param by: who confirmed a file; None where an answer of the registers is the cause.
    :param document: the files, or what else the settlement rests on; stands in the events of entries.
    :param tell: called with the steps that are done, and all steps.
    """
    steps = count(1)
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    ImportSettlement.objects.filter(akimat=locked).delete()
    rows = legacy.list_rows(locked)
    parsed = legacy.read(rows)
    tell(next(steps), _STEPS)
    decisions = import_decisions.list_counting(locked)
    families = ledgers.families_of(parsed, decisions)
    ledger = ledgers.make(parsed, akimat=locked, made=decisions, families=families, on=civil_day(at))
    tell(next(steps), _STEPS)
    made = _Settlement(
        akimat=locked,
        by=by,
        at=at,
        document=document,
        rows={row.position: stored for row, stored in zip(parsed, rows, strict=True)},
        ledger=ledger,
        families=families,
        people=_people(ledger),
        decided=import_decisions.documents_of(locked),
    )
    for step in (_number, _settle_rows, _settle_cases, _settle_households):
        step(made)
        tell(next(steps), _STEPS)
    contacts.take_from_lists(phones=_phones(made), at=at)
    tell(next(steps), _STEPS)
    new = _settle_entries(made)
    tell(next(steps), _STEPS)
    checks.request_assessments(entries=new, at=at)
    _ask_whose_name_it_is(made)
    audit.record(
        akimat=locked,
        by=by or queue_entries.SYSTEM,
        at=at,
        event="legacy_ledger.settled",
        target=f"akimat:{locked.kato}",
        document=document,
        rows={source: counts for source, counts in made.ledger.count_rows().items() if any(counts.values())},
        cases=made.ledger.count_cases(),
        entries_registered=len(new),
    )
    return made.ledger


def request(akimat: Akimat, *, at: datetime) -> None:
    """Let the ledger of an akimat be made again soon; several causes are one making."""
    ImportSettlement.objects.bulk_create(
        [ImportSettlement(akimat=akimat, requested_at=at)], ignore_conflicts=True
    )


def settle_due(*, requested: ImportSettlement, at: datetime) -> bool:
    """
    Make an akimat's ledger again after answers of the registers or decisions; return whether it was time.

    While questions of identity are open it waits for them, but not for ever: a silent register must not hold
    back what the others said.
    """
    waited = at - requested.requested_at
    if legacy.is_waiting_for_registers(requested.akimat) and waited < checks.PATIENCE:
        return False
    settle(akimat=requested.akimat, by=None, at=at, document="answers of the population register")
    return True


def _number(made: _Settlement) -> None:
    """Give every applicant an application: the one whose rows or IIN it has, or a new number."""
    known = Application.objects.filter(
        akimat=made.akimat, origin=Application.Origin.IMPORT, joined_into__isnull=True
    ).select_related("applicant")
    by_iin = {one.applicant.iin: one for one in known if one.applicant is not None}
    free = {one.pk: one for one in known}
    made.led = _led_to_households(made, by_iin)
    by_iin |= _come_back(made, by_iin)
    for applicant in made.applicants:
        if applicant.iin in by_iin:
            application = by_iin[applicant.iin]
            made.numbered[applicant.key] = free.pop(application.pk, application)
    for applicant in made.applicants:
        held = (made.row_of(row).application_id for row in applicant.rows)
        key = next((key for key in held if key in free), None)
        if applicant.key not in made.numbered and key is not None:
            made.numbered[applicant.key] = _identify(made, free.pop(key), applicant)
    new = [one for one in made.applicants if one.key not in made.numbered]
    stored = applications.number_many(
        akimat=made.akimat, applications=[_application(made, one) for one in new]
    )
    made.numbered |= {one.key: application for one, application in zip(new, stored, strict=True)}
    holders = {one.key: one.household_of for one in made.ledger.applicants if one.key in made.led}
    made.numbered |= {key: made.numbered[holder] for key, holder in holders.items()}
    _join(made, free.values())


def _led_to_households(made: _Settlement, by_iin: Mapping[str, Application]) -> set[str]:
    """
    Return the applicants whose household has another application, and who have no entry of their own: one
    that was given a place keeps its application, and a case of removal ends it.
    """
    led = {one.key: by_iin.get(one.iin or "") for one in made.ledger.applicants if one.household_of}
    numbers = [application.pk for application in led.values() if application is not None]
    placed = set(QueueEntry.objects.filter(application__in=numbers).values_list("application_id", flat=True))
    return {key for key, application in led.items() if application is None or application.pk not in placed}


def _come_back(made: _Settlement, by_iin: Mapping[str, Application]) -> dict[str, Application]:
    """Give applicants back the number that led to another application: they have one of their own again."""
    iins = {one.iin for one in made.applicants if one.iin is not None} - by_iin.keys()
    joined = Application.objects.filter(
        akimat=made.akimat, origin=Application.Origin.IMPORT, joined_into__isnull=False
    )
    found = {
        one.applicant.iin: one
        for one in joined.select_related("applicant").order_by("-pk")
        if one.applicant is not None and one.applicant.iin in iins
    }
    Application.objects.filter(pk__in=[one.pk for one in found.values()]).update(joined_into=None)
    for one in found.values():
        one.joined_into = None
    return found


def _people(ledger: Ledger) -> dict[str, Person]:
    iins = {one.iin for one in ledger.applicants if one.iin is not None}
    return persons.by_iin(iins | {member for one in ledger.applicants for member in one.members})


def _identify(made: _Settlement, application: Application, applicant: LedgerApplicant) -> Application:
    """An application of the waiting file whose person is known now."""
    if application.applicant is None and applicant.iin is not None:
        application.applicant = made.people[applicant.iin]
        application.save(update_fields=["applicant"])
    return application


def _application(made: _Settlement, applicant: LedgerApplicant) -> Application:
    batch = made.row_of(applicant.rows[0]).batch
    return Application(
        applicant=made.people[applicant.iin] if applicant.iin is not None else None,
        # Of a row with shifted columns nobody knows which cell is a name.
        applicant_name="" if applicant.rows[0].malformed else applicant.name[:400],
        origin=Application.Origin.IMPORT,
        entered_by_id=batch.imported_by_id,
        entered_at=made.at,
    )


def _join(made: _Settlement, left: Iterable[Application]) -> None:
    """An application of the waiting file whose rows turned out to be another's leads there from now on."""
    holders: dict[int, Application] = {}
    for applicant in made.ledger.applicants:
        for row in applicant.rows:
            held = made.row_of(row).application_id
            if held is not None:
                holders.setdefault(held, made.numbered[applicant.key])
    for application in left:
        holder = holders.get(application.pk)
        if holder is None or holder == application:
            continue
        if application.entries.exists():
            made.left.append(application)
            continue
        application.joined_into = holder
        application.save(update_fields=["joined_into"])


def _settle_rows(made: _Settlement) -> None:
    changed = []
    for outcome in made.ledger.rows:
        row = made.row_of(outcome.row)
        before = [getattr(row, name) for name in import_rows.SETTLED]
        row.state, row.application = outcome.state, made.numbered[outcome.applicant]
        row.codes, row.answered = list(outcome.codes), list(outcome.answered)
        row.remarks, row.questions = list(outcome.remarks), [case.code for case in outcome.cases]
        if [getattr(row, name) for name in import_rows.SETTLED] != before:
            changed.append(row)
    import_rows.write_outcomes(changed)


def _settle_cases(made: _Settlement) -> None:
    """Open the questions that are new, close those that are answered."""
    open_now = {(one.application_id, one.code): one for one in legacy.list_open_cases(made.akimat)}
    wanted = {(made.numbered[case.key.applicant].pk, str(case.key.code)): case for case in made.ledger.cases}
    ImportCase.objects.bulk_create(
        [
            ImportCase(application_id=key[0], code=key[1], detail=dict(case.detail), opened_at=made.at)
            for key, case in wanted.items()
            if key not in open_now
        ],
        batch_size=_BATCH,
    )
    kept = [(one, wanted[key]) for key, one in open_now.items() if key in wanted]
    told = [(one, case) for one, case in kept if one.detail != dict(case.detail)]
    for one, case in told:
        one.detail = dict(case.detail)
    ImportCase.objects.bulk_update([one for one, _ in told], ["detail"], batch_size=_BATCH)
    answered = [one.pk for key, one in open_now.items() if key not in wanted]
    ImportCase.objects.filter(pk__in=answered).update(closed_at=made.at)


def _settle_households(made: _Settlement) -> None:
    """Members whom the lists name: new ones come in, those whom no row names any more go out."""
    applicants = {made.numbered[one.key].pk: one for one in made.applicants if one.iin is not None}
    current: dict[int, dict[int, HouseholdMember]] = defaultdict(dict)
    rows = HouseholdMember.objects.filter(application__in=applicants, until_on__isnull=True)
    for member in rows:
        current[member.application_id][member.person_id] = member
    new, gone = [], []
    for application, applicant in applicants.items():
        relations = _relations(made, applicant)
        wanted = {made.people[iin].pk: iin for iin in applicant.members}
        new += [
            HouseholdMember(
                application_id=application,
                person_id=person,
                relation=relations.get(iin, HouseholdMember.Relation.OTHER),
            )
            for person, iin in wanted.items()
            if person not in current[application]
        ]
        gone += [one.pk for person, one in current[application].items() if person not in wanted]
    HouseholdMember.objects.bulk_create(new, batch_size=_BATCH)
    HouseholdMember.objects.filter(pk__in=gone).update(until_on=made.on)


def _phones(made: _Settlement) -> dict[int, str]:
    """The telephone of each applicant as the strongest of the rows that has one says it."""
    found = {}
    for applicant in made.applicants:
        # Of a row with shifted columns nobody knows which cell is a telephone.
        read = (first_phone(row.phone) for row in applicant.rows if row.phone and not row.malformed)
        phone = next((phone for phone in read if phone is not None), None)
        if applicant.iin is not None and phone is not None:
            found[made.people[applicant.iin].pk] = phone
    return found


def _relations(made: _Settlement, applicant: LedgerApplicant) -> dict[str, str]:
    kin = made.families.get(applicant.iin or "", ())
    return {one.iin: one.relation.value for one in current_kin(kin, on=made.on)}


def _settle_entries(made: _Settlement) -> list[QueueEntry]:
    """Put who can be placed on the lists, bring moments and lists up to date; return the new entries."""
    lists = {one.number: one for one in WaitingList.objects.filter(akimat=made.akimat)}
    held: dict[int, list[QueueEntry]] = defaultdict(list)
    # All of them, in key order, before the first record: the trail's head is locked last.
    concerned = [one.pk for one in (*made.numbered.values(), *made.left)]
    entries = QueueEntry.objects.filter(application__in=concerned)
    for entry in queue_entries.lock_entries(entries.values_list("pk", flat=True)).values():
        held[entry.application_id].append(entry)
    new: list[queue_entries.Registration] = []
    for applicant in made.applicants:
        application = made.numbered[applicant.key]
        wanted = _settled(applicant, lists)
        document = _document(made, applicant)
        new += _settle_application(made, application, held[application.pk], wanted, document)
    for application in made.left:
        _settle_application(made, application, held[application.pk], [], made.document)
    return queue_entries.register_many(
        akimat=made.akimat,
        registrations=new,
        by=made.by,
        at=made.at,
        ground=Ground.IMPORT,
    )


def _document(made: _Settlement, applicant: LedgerApplicant) -> str:
    """
    What an applicant's entry rests on: the document of the newest decision, if there is one; the row by file,
    digest, sheet and row.
    """
    row = made.row_of(applicant.rows[0])
    place = ", ".join(part for part in (row.batch.file_name, row.sheet) if part)
    place = f"{place}, № {row.row} (sha256:{row.batch.sha256[:16]})"
    decided = made.decided.get(made.numbered[applicant.key].pk)
    return f"{decided}; {place}"[:_LONGEST_DOCUMENT] if decided else place


def _settled(applicant: LedgerApplicant, lists: Mapping[str, WaitingList]) -> list[queue_entries.Settled]:
    if not applicant.stands or applicant.iin is None or applicant.registered_at is None:
        return []
    return [
        queue_entries.Settled(
            waiting_list=lists[number],
            registered_at=applicant.registered_at,
            time_known=applicant.time_known,
            provisional=applicant.provisional,
        )
        for number in applicant.lists
    ]


def _settle_application(
    made: _Settlement,
    application: Application,
    entries: Sequence[QueueEntry],
    wanted: Sequence[queue_entries.Settled],
    document: str,
) -> list[queue_entries.Registration]:
    """Settle the entries of one application; return the registrations that it lacks."""
    by_list = {one.waiting_list: one for one in wanted}
    homeless = [one for one in wanted if all(entry.waiting_list != one.waiting_list for entry in entries)]
    for entry in entries:
        if entry.status not in UNDECIDED:
            continue
        settled = by_list.get(entry.waiting_list) or (homeless.pop(0) if homeless else None)
        if settled is None:
            _hold(made, entry, document)
        else:
            _bring_to(made, entry, settled, document)
    return [
        queue_entries.Registration(
            application=application,
            waiting_list=one.waiting_list,
            registered_at=one.registered_at,
            time_known=one.time_known,
            provisional=one.provisional,
            document=document,
        )
        for one in homeless
    ]


def _bring_to(made: _Settlement, entry: QueueEntry, settled: queue_entries.Settled, document: str) -> None:
    now = queue_entries.Settled(
        waiting_list=entry.waiting_list,
        registered_at=entry.registered_at,
        time_known=entry.time_known,
        provisional=entry.provisional,
    )
    # What was changed by a typed decision since is not set back by the paper that the decision corrected.
    if settled != now and not was_decided_by_a_person(entry):
        queue_entries.settle(entry_id=entry.pk, settled=settled, by=made.by, at=made.at, document=document)
    if entry.status == QueueEntryStatus.SUSPENDED and _is_held(entry):
        queue_entries.resume(
            entry_id=entry.pk, by=made.by, at=made.at, ground=Ground.DIGITIZATION, document=document
        )


def _hold(made: _Settlement, entry: QueueEntry, document: str) -> None:
    """What the files now say gives no place: the entry keeps its own, out of distribution, for a person."""
    if entry.status == QueueEntryStatus.WAITING:
        queue_entries.suspend(
            entry_id=entry.pk, by=made.by, at=made.at, ground=Ground.DIGITIZATION, document=document
        )


def _is_held(entry: QueueEntry) -> bool:
    newest = (
        QueueEntryEvent.objects.filter(entry=entry, kind=QueueEntryEvent.Kind.MOVED).order_by("-pk").first()
    )
    return newest is not None and newest.ground == Ground.DIGITIZATION


def _ask_whose_name_it_is(made: _Settlement) -> None:
    """Where a row has another's name, ask who the relatives are: it may be a slip inside one family."""
    mismatched = {_iin_of(case) for case in made.ledger.cases if case.key.code is Code.IDENTITY_MISMATCH}
    kin = {(iin, one) for iin in mismatched for one in made.families.get(iin, ())}
    people = persons.by_iin(mismatched | {one.iin for _, one in kin})
    given = consents.in_force([person.pk for person in people.values()], at=made.at)
    found = {}
    for iin, one in sorted(kin, key=_by_iin):
        question = Question(person=people[one.iin].pk, source=Source.GBD_FL)
        consent = given.of(question, applicant=people[iin].pk, is_minor=_is_minor(one, made.on))
        if consent is not None:
            found[question] = consent
    checks.put(found, at=made.at, by="imports")


def _by_iin(pair: tuple[str, Kin]) -> tuple[str, str]:
    return pair[0], pair[1].iin


def _is_minor(kin: Kin, on: date) -> bool:
    """As `consents.minors`: a child whose age nobody told yet is one."""
    return kin.relation is Relation.CHILD and (kin.born_on is None or is_minor(kin.born_on, on=on))


def _iin_of(case: Case) -> str:
    return case.rows[0].iin.iin or ""
