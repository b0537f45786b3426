"""
Why an entry got what it got in a past round, from the stored input and result alone: what changed in the
register since changes no explanation.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from allocation import engine_io
from allocation.models import AllocationLine, AllocationRun, Departure
from allocation.selectors.lines import RoomCount
from queue_registry.models import Application, QueueEntry

NOT_REACHED = "NOT_REACHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    One entry in one round: its list and place as they were frozen, the dwelling that it was served with or
    the code of why not; `homes` are those of the witness by rooms; `departure` is the ground on which the
    commission left the order at this line.
    """

    round_number: str
    list_number: str
    place: int
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
    Return what every decided round said of an application's entries, the newest first, without reading the
    stored documents: for the household's own page.
    """
    entries = QueueEntry.objects.filter(application=application)
    carried = Departure.objects.filter(line=OuterRef("pk"), is_carried=True)
    lines = (
        AllocationLine.objects.filter(entry__in=entries, run__sitting__decision__outcome="CONFIRMED")
        .select_related("run__round", "dwelling", "entry")
        .defer("run__result", "run__round__input")
        .annotate(departure=Subquery(carried.values("ground")))
        .order_by("-run__executed_at", "-pk")
    )
    return [
        Explanation(
            round_number=line.run.round.number,
            list_number=line.list_number,
            place=line.place,
            dwelling=line.dwelling.number if line.dwelling else "",
            code=line.code,
            departure=vars(line)["departure"] or "",
        )
        for line in lines
    ]


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
