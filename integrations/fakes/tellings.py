"""What each state system knows of an invented person, as the elements of its own words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from integrations.fakes.world import Person, Property, Status

EMPLOYER_BIN: Final = "120340000005"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question asked: the person, and the fields that narrow it down."""

    iin: str
    start: date | None = None
    until: date | None = None
    rka: str = ""
    token: str = ""
    public_key: str = ""
    # Of the consent service alone: the service that the token is for, and for how many milliseconds.
    service: str = ""
    expires_in: int = 0


def nest(path: list[str], value: str) -> str:
    """A value inside the elements of a path."""
    return field(path[0], value) if len(path) == 1 else f"<{path[0]}>{nest(path[1:], value)}</{path[0]}>"


def field(name: str, value: object) -> str:
    """One element; none where there is no value."""
    return "" if value is None or value == "" else f"<{name}>{escape(str(value))}</{name}>"


def fields(**values: object) -> str:
    """Elements in order, without those that have no value."""
    return "".join(field(name, value) for name, value in values.items())


def _statuses(person: Person, *codes: str) -> Iterable[Status]:
    return (status for status in person.statuses if status.code in codes)


def tell_population(person: Person, asked: Asked) -> str:
    home = person.registered
    address = (
        "<regAddress>"
        + fields(kato=home.kato, arCode=home.rka, beginDate=home.since, status="1")
        + "</regAddress>"
        if home
        else '<regAddress xsi:nil="true"/>'
    )
    names = fields(surname=person.name.last, name=person.name.first, patronymic=person.name.middle)
    dates = fields(birthDate=person.birth_date, deathDate=person.death_date)
    sex = nest(["gender", "code"], "1" if person.sex == "m" else "2")
    citizenship = nest(["citizenship", "code"], person.citizenship)
    former = "".join(field("previousIin", iin) for iin in person.former_iins)
    return f"<person>{field('iin', person.iin)}{former}{names}{dates}{sex}{citizenship}{address}</person>"


def tell_civil_acts(person: Person, asked: Asked) -> str:
    names = {"spouse": "marriageInfo", "child": "childInfo", "parent": "parentInfo"}
    acts = "".join(
        f"<{names[relative.relation]}>"
        + fields(iin=relative.iin, actDate=relative.since, endDate=relative.until)
        + f"</{names[relative.relation]}>"
        for relative in person.family
    )
    acts += _told(_statuses(person, "single_parent"), "incompleteFamily", "beginDate", "endDate")
    return f"<familyInfoList>{acts}</familyInfoList>" if acts else ""


def tell_rights(person: Person, asked: Asked) -> str:
    rights = "".join(_right(item) for item in person.property if _is_asked(item, asked))
    return f"<rights>{rights}</rights>" if rights else ""


def _is_asked(item: Property, asked: Asked) -> bool:
    return item.disposed is None or asked.start is None or item.disposed >= asked.start


def _right(item: Property) -> str:
    above, _, below = item.share.partition("/")
    return (
        "<right>"
        + fields(
            cadastralNumber=item.cadastral,
            rka=item.rka,
            objectKind=item.kind.upper(),
            kato=item.kato,
            areaTotal=item.area,
            shareNum=above,
            shareDen=below or "1",
            regDate=item.acquired,
            endDate=item.disposed,
        )
        + "</right>"
    )


def tell_address(person: Person, asked: Asked) -> str:
    home = person.registered
    places = {home.rka: home.kato} if home and home.rka else {}
    if asked.rka:
        places |= {item.rka: item.kato for item in person.property if item.rka and item.kato}
    kato = places.get(asked.rka) if asked.rka else (home.kato if places and home else None)
    if kato is None:
        return ""
    return f"<address>{fields(rka=asked.rka or (home.rka if home else ''), kato=kato)}</address>"


def tell_income(person: Person, asked: Asked) -> str:
    months = "".join(
        f"<contribution>{fields(month=month, payerBin=EMPLOYER_BIN, base=amount)}</contribution>"
        for month, amount in sorted(person.income.items())
        if _is_month_asked(month, asked)
    )
    return f"<contributions>{months}</contributions>" if months else ""


def _is_month_asked(month: str, asked: Asked) -> bool:
    first = date.fromisoformat(f"{month}-01")
    return (asked.start is None or first >= asked.start) and (asked.until is None or first < asked.until)


def tell_payments(person: Person, asked: Asked) -> str:
    kinds = {"pensioner": "PENSION_AGE", "large_family_mother": "MOTHER_AWARD"}
    payments = "".join(
        f"<payment>{fields(kind=kinds[status.code], dateFrom=status.from_, dateTo=status.until)}</payment>"
        for status in _statuses(person, *kinds)
    )
    payments += "".join(
        "<payment>"
        + fields(kind=paid.kind, monthlySum=paid.amount, dateFrom=paid.from_, dateTo=paid.until)
        + "</payment>"
        for paid in person.benefits
    )
    return f"<payments>{payments}</payments>" if payments else ""


def tell_disability(person: Person, asked: Asked) -> str:
    term = person.disability
    if term is None:
        return ""
    group = str(term.group).upper()
    return f"<disability>{fields(group=group, dateFrom=term.from_, reexamDate=term.until)}</disability>"


def tell_contracts(person: Person, asked: Asked) -> str:
    contracts = "".join(
        "<contract>"
        + fields(
            employerBin=EMPLOYER_BIN,
            budgetOrganization="true",
            contractDate=status.from_,
            terminationDate=status.until,
        )
        + "</contract>"
        for status in _statuses(person, "budget_worker")
    )
    return f"<contracts>{contracts}</contracts>" if contracts else ""


def tell_illness(person: Person, asked: Asked) -> str:
    return "".join(
        "<record>"
        + fields(onHousingList="true", registeredDate=status.from_, removedDate=status.until)
        + "</record>"
        for status in _statuses(person, "chronic_illness")
    )


def tell_service(person: Person, asked: Asked) -> str:
    kinds = {"military": "10", "wwii_veteran": "41"}
    return "".join(
        f"<record>{fields(kindCode=kinds[status.code], dateFrom=status.from_, dateTo=status.until)}</record>"
        for status in _statuses(person, *kinds)
    )


def _told(statuses: Iterable[Status], element: str, start: str, until: str) -> str:
    return "".join(
        f"<{element}>{field(start, status.from_)}{field(until, status.until)}</{element}>"
        for status in statuses
    )


def tell_status(
    code: str, element: str, start: str = "dateFrom", until: str = "dateTo"
) -> Callable[[Person, Asked], str]:
    return lambda person, asked: _told(_statuses(person, code), element, start, until)


def tell_nothing(person: Person, asked: Asked) -> str:
    return ""
