"""Households that wait on one of the six lists: who they are, their ground, work and home."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Final

from housing_queue.worlds import names
from housing_queue.worlds.people import Numbers, Person

KATO: Final = "271010000"
# A world is as of the first day of the month after its latest income month.
AS_OF: Final = date(2026, 9, 1)
MONTHS: Final = tuple(
    f"{year}-{month:02d}"
    for year, month in [(2025, m) for m in range(9, 13)] + [(2026, m) for m in range(1, 9)]
)
# People on each list, per thousand: sizes of real queues.
_LISTS: Final = MappingProxyType({"1": 1, "2": 95, "3": 210, "4": 391, "5": 299, "6": 4})
# Registrations by year: queues grew.
_YEARS: Final = MappingProxyType(
    {
        2005: 12,
        2006: 18,
        2007: 16,
        2008: 25,
        2009: 33,
        2010: 37,
        2011: 42,
        2012: 45,
        2013: 45,
        2014: 75,
        2015: 105,
    }
    | {2016: 95, 2017: 100, 2018: 115, 2019: 130, 2020: 121, 2021: 106}
)
# What became of households since, per ten thousand: the inventory of August 2023 (646,819 people).
_FATES: Final = MappingProxyType(
    {"unregistered": 448, "owned": 1486, "moved": 1413, "dead": 241, "not_citizen": 8}
)
_ELSEWHERE: Final = ("231010000", "273620100", "711210000", "750000000")
_YOUNGEST_MINOR: Final = date(2008, 10, 1)


@dataclass(slots=True)
class Household:
    """An applicant with family; `members` stand in the order of the applicant's family in the world."""

    applicant: Person
    list_number: str
    registered_on: date
    members: list[Person] = field(default_factory=list)
    fate: str = "ok"

    @property
    def spouse(self) -> Person | None:
        relations = {kin["iin"]: kin["relation"] for kin in self.applicant.family}
        return next((one for one in self.members if relations[one.iin] == "spouse"), None)


def make_household(rng: Random, numbers: Numbers) -> Household:
    """Draw a household in good order, then what became of it."""
    list_number = _draw(rng, _LISTS)
    household = _SETTLERS[list_number](rng, numbers)
    _employ(rng, household)
    _befall(rng, numbers, household)
    return household


def _draw(rng: Random, weights: Mapping[str, int]) -> str:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def working_day(rng: Random, first: date, last: date) -> date:
    """Draw a day between two days, moved forward from a weekend where that stays inside."""
    day = first + timedelta(days=rng.randrange(max((last - first).days, 0) + 1))
    moved = day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
    return moved if moved <= last else day


def _day(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange(max((last - first).days, 0) + 1))


def _registration(rng: Random, *, born: date, from_age: int) -> date:
    """Draw a day of registration at which the applicant is old enough."""
    earliest = born.year + from_age + 1
    years = [year for year in _YEARS if year >= earliest] or [max(_YEARS)]
    year = rng.choices(years, weights=[_YEARS[year] for year in years])[0]
    return working_day(rng, date(year, 1, 5), date(year, 12, 28))


def _person(
    rng: Random,
    numbers: Numbers,
    *,
    sex: str,
    born: date,
    family: tuple[str, str],
    rka: str,
    father: str | None = None,
) -> Person:
    return Person(
        iin=numbers.iin(born_on=born, sex=sex),
        name=names.name(rng, sex=sex, family=family, father=father),
        birth_date=born,
        sex=sex,
        rka=rka,
        registered_since=_day(
            rng, max(born, date(born.year + 1, 1, 1)), date(max(born.year + 1, 2019), 12, 28)
        ),
        phone=numbers.phone(),
        kato=KATO,
    )


def _settle(
    rng: Random,
    numbers: Numbers,
    *,
    list_number: str,
    sex: str,
    born: tuple[int, int],
    married: float,
    children: tuple[int, int],
    from_age: int = 18,
) -> Household:
    """Draw an applicant with spouse and minor children."""
    birth = _day(rng, date(born[0], 1, 1), date(born[1], 12, 28))
    family, rka = names.surname(rng), numbers.rka()
    applicant = _person(rng, numbers, sex=sex, born=birth, family=family, rka=rka)
    household = Household(applicant, list_number, _registration(rng, born=birth, from_age=from_age))
    spouse = _marry(rng, numbers, household) if rng.random() < married else None
    father = applicant if sex == "m" else spouse
    for _ in range(rng.randint(*children)):
        _bear(rng, numbers, household, spouse, father)
    return household


def _marry(rng: Random, numbers: Numbers, household: Household) -> Person:
    applicant = household.applicant
    born = applicant.birth_date + timedelta(days=rng.randrange(-2000, 2000))
    sex = "f" if applicant.sex == "m" else "m"
    spouse = _person(rng, numbers, sex=sex, born=born, family=names.surname(rng), rka=applicant.rka)
    adult = max(applicant.birth_date, born).year + 19
    since = _day(rng, date(adult, 1, 1), date(max(adult, 2019), 12, 28))
    applicant.add_kin(spouse, "spouse", since)
    spouse.add_kin(applicant, "spouse", since)
    household.members.append(spouse)
    return spouse


def _bear(
    rng: Random, numbers: Numbers, household: Household, spouse: Person | None, father: Person | None
) -> None:
    mother_born = (
        household.applicant if father is not household.applicant else spouse or household.applicant
    ).birth_date
    first = max(_YOUNGEST_MINOR, date(mother_born.year + 18, 1, 1))
    born = _day(rng, first, max(first, date(2024, 12, 28)))
    sex = rng.choice("mf")
    parent = father or household.applicant
    stem = parent.name.last
    family = (stem.removesuffix("а"), stem if stem.endswith("а") else _feminine(stem))
    child = _person(
        rng,
        numbers,
        sex=sex,
        born=born,
        family=family,
        rka=household.applicant.rka,
        father=father.name.first if father else None,
    )
    child.registered_since = born
    for one in filter(None, (household.applicant, spouse)):
        one.add_kin(child, "child", born)
        child.add_kin(one, "parent", born)
    household.members.append(child)


def _feminine(surname: str) -> str:
    return surname + "а" if surname.endswith(("ов", "ев", "ёв")) else surname


def _veteran(rng: Random, numbers: Numbers) -> Household:
    made = _settle(rng, numbers, list_number="1", sex="m", born=(1924, 1926), married=0, children=(0, 0))
    made.applicant.add_status("wwii_veteran", date(1995, 5, 9))
    return made


def _orphan(rng: Random, numbers: Numbers) -> Household:
    made = _settle(
        rng,
        numbers,
        list_number="2",
        sex=rng.choice("mf"),
        born=(1998, 2006),
        married=0,
        children=(0, 0),
        from_age=11,
    )
    made.applicant.add_status("orphan", _day(rng, made.applicant.birth_date, date(2009, 12, 28)))
    return made


def _large_family(rng: Random, numbers: Numbers) -> Household:
    made = _settle(rng, numbers, list_number="3", sex="f", born=(1980, 1996), married=0.63, children=(4, 6))
    made.applicant.add_status("large_family_mother", date(2015, 1, 1))
    return made


def _vulnerable(rng: Random, numbers: Numbers) -> Household:
    ground = _draw(
        rng,
        {
            "pensioner": 27,
            "disability": 28,
            "kandas": 18,
            "disabled_child": 10,
            "chronic_illness": 9,
            "single_parent": 8,
        },
    )
    if ground == "pensioner":
        made = _settle(
            rng,
            numbers,
            list_number="4",
            sex=rng.choice("mf"),
            born=(1940, 1962),
            married=0.6,
            children=(0, 0),
        )
        made.applicant.add_status("pensioner", date(made.applicant.birth_date.year + 63, 6, 1))
        return made
    children = (1, 3) if ground in {"disabled_child", "single_parent"} else (0, 3)
    made = _settle(
        rng,
        numbers,
        list_number="4",
        sex=rng.choice("mf"),
        born=(1966, 1999),
        married=0 if ground == "single_parent" else 0.65,
        children=children,
    )
    since = date(made.registered_on.year - 1, rng.randint(1, 12), rng.randint(1, 28))
    if ground == "disability":
        made.applicant.disability = {"group": rng.choice((1, 2)), "from": since.isoformat(), "until": None}
    elif ground == "disabled_child":
        child = made.members[-1]
        child.disability = {"group": rng.choice((1, 2)), "from": child.birth_date.isoformat(), "until": None}
    else:
        made.applicant.add_status(ground, since)
    return made


def _public_servant(rng: Random, numbers: Numbers) -> Household:
    made = _settle(
        rng, numbers, list_number="5", sex=rng.choice("mf"), born=(1966, 1999), married=0.67, children=(0, 3)
    )
    work = _draw(rng, {"budget_worker": 37, "civil_servant": 33, "military": 30})
    made.applicant.add_status(work, date(made.registered_on.year - 1, 3, 1))
    return made


def _emergency(rng: Random, numbers: Numbers) -> Household:
    made = _settle(
        rng, numbers, list_number="6", sex=rng.choice("mf"), born=(1970, 1999), married=0.6, children=(0, 3)
    )
    made.applicant.add_status("emergency_dwelling", date(made.registered_on.year - 1, 3, 1))
    return made


_SETTLERS: Final = MappingProxyType(
    {"1": _veteran, "2": _orphan, "3": _large_family, "4": _vulnerable, "5": _public_servant, "6": _emergency}
)


def _employ(rng: Random, household: Household) -> None:
    """Give incomes of the last twelve months to those who work; here and there a month is missing."""
    for one, works in ((household.applicant, 0.75), (household.spouse, 0.6)):
        retired = household.list_number == "1" or (one and one.birth_date.year < AS_OF.year - 63)
        if one is None or retired or rng.random() >= works:
            continue
        base = rng.randrange(80_000, 400_000)
        one.income = {
            month: f"{base * rng.randrange(900, 1080) // 1000}.{rng.choice(('00', '50'))}"
            for month in MONTHS
            if rng.random() >= 0.035
        }


def _befall(rng: Random, numbers: Numbers, household: Household) -> None:
    """Draw what became of the household since it was registered."""
    applicant = household.applicant
    household.fate = _draw(rng, {**_FATES, "ok": 10_000 - sum(_FATES.values())})
    if household.fate == "unregistered":
        applicant.kato = None
    elif household.fate == "moved":
        applicant.kato = rng.choice(_ELSEWHERE)
    elif household.fate == "not_citizen":
        applicant.citizenship = rng.choice(("RUS", "UZB", "KGZ"))
    elif household.fate == "owned":
        applicant.property.append(_dwelling(rng, numbers))
    elif household.fate == "dead":
        applicant.death_date = _day(
            rng, max(household.registered_on, date(2021, 12, 31)) + timedelta(days=30), date(2026, 8, 20)
        )


def _dwelling(rng: Random, numbers: Numbers) -> dict[str, str | None]:
    acquired = _day(rng, date(2015, 1, 10), date(2024, 6, 28))
    sold = rng.random() < 0.25
    return {
        "cadastral": numbers.cadastral(),
        "rka": numbers.rka(),
        "kind": "dwelling",
        "kato": KATO,
        "area": f"{rng.randrange(300, 950) / 10:.1f}",
        "share": rng.choice(("1", "1", "1/2", "1/3", "1/12")),
        "acquired": acquired.isoformat(),
        "disposed": _day(rng, acquired + timedelta(days=200), date(2026, 7, 30)).isoformat()
        if sold
        else None,
    }
