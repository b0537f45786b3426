"""
Notices to all whom a distribution concerns, ordered in the transaction of the act that they tell of: to whom
a home is offered, and to whom not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from allocation import engine_io
from allocation.models import AllocationLine, AllocationRound, AllocationRun, Departure, Dwelling, Offer
from queue_registry.models import Notice, QueueEntry
from queue_registry.rules import removals
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.services import notices, policies

_Facts = dict[str, Any]
_Kind = Notice.Kind


def tell_offered(made: Sequence[Offer], *, round_: AllocationRound, at: datetime) -> None:
    """Tell households that a home is offered to them: all its facts, and until when they answer."""
    kind = _Kind.RESERVE_CALLED if any(offer.call for offer in made) else _Kind.OFFER_MADE
    orders = [
        notices.Order(
            application_id=offer.application_id,
            facts={
                **about(round_),
                "offer": offer.pk,
                "list": offer.entry.waiting_list.number,
                "answer_by": offer.answer_by.isoformat(),
                "home": home_facts(offer.dwelling),
            },
        )
        for offer in made
    ]
    notices.order_many(orders=orders, kind=kind, due_on=due_on(round_, at), at=at)


def home_facts(dwelling: Dwelling) -> _Facts:
    """Return what is known of a home, as a notice keeps it."""
    return {
        "number": dwelling.number,
        "programme": dwelling.programme,
        "address_kk": dwelling.address_kk,
        "address_ru": dwelling.address_ru,
        "rooms": dwelling.rooms,
        "area": None if dwelling.area is None else engine_io.decimal_text(dwelling.area),
        "floor": dwelling.floor,
        "lift": dwelling.lift,
        "accessible": dwelling.accessible,
        "finish": dwelling.finish,
    }


def tell_ended(offer: Offer, *, round_: AllocationRound, at: datetime, faulty: bool = False) -> None:
    """
    Tell a household that its offer ended without its answer: in time, or taken back by the akimat, and why.
    """
    is_expired = offer.state == Offer.State.EXPIRED
    kind = _Kind.OFFER_EXPIRED if is_expired else _Kind.OFFER_WITHDRAWN
    facts = {
        **about(round_),
        "offer": offer.pk,
        "list": offer.entry.waiting_list.number,
        "complaint_until": complaint_until(round_, at),
        **({} if is_expired else {"reason": offer.reason, "faulty": faulty}),
    }
    order = notices.Order(application_id=offer.application_id, facts=facts)
    notices.order_many(orders=[order], kind=kind, due_on=due_on(round_, at), at=at)


def tell_housed(offer: Offer, *, contract: str, at: datetime) -> None:
    """Tell a household that it has its home, and that its place ended with it."""
    round_ = offer.run.round
    order = notices.Order(application_id=offer.application_id, facts={**about(round_), "contract": contract})
    notices.order_many(orders=[order], kind=_Kind.HOUSED, due_on=due_on(round_, at), at=at)


def tell_passed_over(
    *, run: AllocationRun, round_: AllocationRound, served: Collection[int], at: datetime
) -> None:
    """
    Tell every household that the run looked at and did not serve why, one notice for all its lists.

    :param served: the applications to which a home is offered.
    """
    due, until = due_on(round_, at), complaint_until(round_, at)
    passed: dict[int, list[_Facts]] = defaultdict(list)
    rows = (
        AllocationLine.objects.filter(run=run, dwelling__isnull=True)
        .order_by("pk")
        .values_list("entry__application_id", "list_number", "place", "code")
    )
    for application_id, number, place, code in rows:
        if application_id not in served:
            passed[application_id].append({"list": number, "place": place, "code": code})
    notices.order_many(
        orders=[
            notices.Order(
                application_id=application_id,
                facts={**about(round_), "lines": lines, "complaint_until": until},
            )
            for application_id, lines in passed.items()
        ],
        kind=_Kind.PASSED_OVER,
        due_on=due,
        at=at,
    )


def tell_departed_from(carried: Iterable[Departure], *, round_: AllocationRound, at: datetime) -> None:
    """Tell those whom the commission left out by what ground."""
    due, until = due_on(round_, at), complaint_until(round_, at)
    for departure in carried:
        _tell_departed_from(departure, round_, until=until, due=due, at=at)


def _tell_departed_from(
    departure: Departure, round_: AllocationRound, *, until: str, due: date, at: datetime
) -> None:
    line = departure.line
    found = QueueEntry.objects.filter(
        akimat=round_.akimat_id,
        waiting_list__number=line.list_number,
        file_number__in={engine_io.file_number_of(key) for key in departure.passed_over},
    )
    if departure.instead_id is not None:
        found = found.exclude(pk=departure.instead_id)
    facts = {
        **about(round_),
        "ground": str(departure.ground),
        "list": line.list_number,
        "complaint_until": until,
    }
    orders = [
        notices.Order(application_id=application_id, facts=facts)
        for application_id in found.order_by("pk").values_list("application_id", flat=True)
    ]
    notices.order_many(orders=orders, kind=_Kind.DEPARTED_FROM, due_on=due, at=at)


def about(round_: AllocationRound) -> Mapping[str, Any]:
    """Return the facts by which a notice names its round."""
    return {"round": round_.number, "round_id": round_.pk}


def _figures(round_: AllocationRound, at: datetime) -> Policy:
    return policies.figures_in_force(akimat=round_.akimat, on=civil_day(at))


def due_on(round_: AllocationRound, at: datetime) -> date:
    """Return the last day of the written notice of an act at that moment."""
    return removals.written_notice_by(civil_day(at), _figures(round_, at))


def complaint_until(round_: AllocationRound, at: datetime) -> str:
    """Return the last day of a complaint against an act at that moment, as a notice keeps it."""
    return removals.complaint_until(civil_day(at), _figures(round_, at)).isoformat()
