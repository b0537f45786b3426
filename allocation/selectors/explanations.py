"""
Why an entry got what it got in a past round, from the stored input and result alone: what changed in the
register since changes no explanation.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from allocation import engine_io
from allocation.models import AllocationLine, AllocationRun, Departure
from allocation.selectors.lines import RoomCount, witnessed_rooms
from allocation.selectors.remembered import remembered
from queue_registry.models import Application, QueueEntry, QueueEntryEvent
from queue_registry.rules.statuses import ACTIVE
from queue_registry.selectors.kept_queries import Given, KeptQuery

NOT_REACHED = "NOT_REACHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    One entry in one round: its list and place as they were frozen, the dwelling that it was served with or
    the code of why not. The place is None where only the stored input knows it; `homes` are those of the
    witness by rooms; `departure` is the ground on which the commission left the order at this line.
    """

    round_id: int
    round_number: str
    list_number: str
    place: int | None
    dwelling: str
    code: str
    homes: tuple[RoomCount, ...] = ()
    departure: str = ""


def explain(run: AllocationRun, *, file_number: str) -> list[Explanation]:
    """Return why a file number got what it got in an executed run, for each list that it stood on."""
    frozen, result = engine_io.parsed(run.round.input), engine_io.parsed(run.result)
    keys = [row["id"] for row in frozen["entries"] if row["file_no"] == file_number]
    left = _departures(run)
    return [
        _explained(run, key, frozen=frozen, result=result, departure=left.get(key, ""))
        for key in sorted(keys)
    ]


def list_public(application: Application) -> list[Explanation]:
    """
    Return, for the household's own page, the newest first, what every decided round said of an application's
    entries; and that it did not come to them where somebody of their list was served and they had stood on
    it. One query; what is read from stored documents is remembered.
    """
    runs = _runs(akimat=application.akimat_id, application=application.pk)
    return [one for run in runs for one in _public(run)]


@KeptQuery
def _runs() -> QuerySet[AllocationRun]:
    return (
        AllocationRun.objects.filter(round__akimat=Given("akimat"), sitting__decision__outcome="CONFIRMED")
        .select_related("round")
        .defer("result", "round__input")
        .annotate(own=_own_lines(), stood=_lists_stood_on())
        .order_by("-executed_at", "-pk")
    )


def _public(run: AllocationRun) -> Iterator[Explanation]:
    own: list[engine_io.Document] = vars(run)["own"]
    for line in own:
        yield Explanation(
            round_id=run.round_id,
            round_number=run.round.number,
            list_number=line["list_number"],
            place=line["place"],
            dwelling=line["dwelling"] or "",
            code=line["code"],
            homes=witnessed_rooms(run)[line["witness"]] if line["witness"] else (),
            departure=line["departure"] or "",
        )
    missed = set(vars(run)["stood"]) - {line["list_number"] for line in own}
    for number in sorted(missed & served_lists(run)) if missed else ():
        yield Explanation(
            round_id=run.round_id,
            round_number=run.round.number,
            list_number=number,
            place=None,
            dwelling="",
            code=NOT_REACHED,
        )


def _own_lines() -> ArraySubquery:
    """What a run said of the entries of an application, by list."""
    carried = Departure.objects.filter(line=OuterRef("pk"), is_carried=True).values("ground")
    lines = AllocationLine.objects.filter(run=OuterRef("pk"), entry__application=Given("application"))
    row = JSONObject(
        list_number="list_number",
        place="place",
        code="code",
        witness="witness",
        dwelling="dwelling__number",
        departure=Subquery(carried[:1]),
    )
    return ArraySubquery(lines.order_by("list_number").values(row=row))


def _lists_stood_on() -> ArraySubquery:
    """The lists on which an application had a place when the run's candidates were frozen."""
    events = QueueEntryEvent.objects.filter(
        entry=OuterRef("pk"), recorded_at__lte=OuterRef(OuterRef("round__frozen_at"))
    ).order_by("-recorded_at", "-pk")
    entries = QueueEntry.objects.filter(application=Given("application")).annotate(
        status_then=Subquery(events.values("moved_to")[:1]),
        list_then=Subquery(events.values("list_number")[:1]),
    )
    return ArraySubquery(entries.filter(status_then__in=sorted(ACTIVE)).values("list_then"))


def served_lists(run: AllocationRun) -> frozenset[str]:
    """Return the numbers of the lists of which an executed run served somebody."""
    served = run.lines.filter(dwelling__isnull=False)
    return remembered(
        run,
        "served-lists",
        lambda: frozenset(served.order_by().values_list("list_number", flat=True).distinct()),
    )


def _explained(
    run: AllocationRun,
    key: str,
    *,
    frozen: engine_io.Document,
    result: engine_io.Document,
    departure: str,
) -> Explanation:
    row = next((row for row in _rows(result) if row["entry"] == key), None)
    if row is None:
        entry = next(row for row in frozen["entries"] if row["id"] == key)
        place, number, dwelling, code = _place(frozen, entry), entry["list"], "", NOT_REACHED
    else:
        place, number = row["place"], row["list"]
        dwelling, code = row.get("dwelling", ""), row.get("code", "")
    witness = result["witnesses"].get((row or {}).get("witness", ""))
    return Explanation(
        round_id=run.round_id,
        round_number=run.round.number,
        list_number=number,
        place=place,
        dwelling=dwelling,
        code=code,
        homes=() if witness is None else _by_rooms(frozen, witness["dwellings"]),
        departure=departure,
    )


def _rows(result: engine_io.Document) -> Iterator[engine_io.Document]:
    yield from result["allotments"]
    yield from result["passed_over"]


def _place(frozen: engine_io.Document, entry: engine_io.Document) -> int:
    """The place of an entry on its list: how many of the list stand before it, and one."""
    moments = engine_io.registration_moments(frozen)
    own = (moments[entry["id"]], entry["file_no"])
    return 1 + sum(
        (moments[row["id"]], row["file_no"]) < own
        for row in frozen["entries"]
        if row["list"] == entry["list"]
    )


def _by_rooms(frozen: engine_io.Document, dwellings: list[str]) -> tuple[RoomCount, ...]:
    rooms = {row["id"]: row["rooms"] for row in frozen["dwellings"]}
    everywhere = Counter(rooms.values())
    return tuple(
        RoomCount(rooms=number, count=count, of=everywhere[number])
        for number, count in sorted(Counter(rooms[key] for key in dwellings).items())
    )


def _departures(run: AllocationRun) -> dict[str, str]:
    """Grounds of carried departures by public key of whom the run had served."""
    carried = Departure.objects.filter(sitting__run=run, is_carried=True).select_related("line__entry")
    return {
        engine_io.entry_key(
            file_number=one.line.entry.file_number, list_number=one.line.list_number
        ): one.ground
        for one in carried
    }
