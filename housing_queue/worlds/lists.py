"""What clerks wrote about the households in three systems, before anything went wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Final

from housing_queue.worlds.households import Household
from housing_queue.worlds.names import Name

# Wordings of the paper lists by lawful list; those under "" have none.
CATEGORIES: Final = {
    "1": ("Участник ВОВ",),
    "2": ("Дети-сироты", "Сирота (КГУ Детский дом)"),
    "3": ("Многодетная мать (Алтын алқа)", "Көпбалалы отбасы"),
    "4": (
        "Приравненные к участникам ВОВ",
        "Инвалид 1 гр.",
        "Инвалид II группы",
        "Семья с реб.-инвалидом",
        "Пенсионер",
        "Оралман/кандас",
        "Толық емес отбасы",
    ),
    "5": ("Госслужащий", "Бюджетник", "Учитель села", "Военнослужащий"),
    "6": ("Аварийное жилье",),
    "": ("Молодая семья", "Общая очередь"),
}
# Forms in which days stand in paper lists, and how common they are.
DATE_STYLES: Final = {
    "cell": 42,
    "dotted": 28,
    "words": 12,
    "kazakh": 4,
    "dotted_g": 4,
    "slashes": 4,
    "short": 4,
    "serial": 2,
}
SHEETS: Final = ("2005-2013", "қалғаны")
SOURCES: Final = ("spp", "rshep", "paper")
LAST_PAPER_YEAR, _LAST_RSHEP_YEAR = 2013, 2019
_PENSIONER: Final = "Пенсионер"


@dataclass(slots=True)
class Entry:
    """
    One row of one list and what is true of it.

    `codes` are those that the row carries. `day` is the day as the row has it, None where it has no full one;
    `date_text` is then how it is written.
    """

    source: str
    household: Household
    sheet: str
    number: str
    iin: str
    name: Name
    day: date | None
    list_number: str
    category: str
    family: tuple[str, ...]
    time: str = "00:00:00"
    date_text: str | None = None
    name_text: str | None = None
    list_code: str | None = None
    family_count: int | None = None
    iin_as_number: bool = False
    status: str | None = None
    # How the row's clerk wrote: dates in his own form, capitals, a space behind the name.
    style: str = ""
    capitals: bool = False
    trailing_space: bool = False
    note: str = ""
    address: str = "г. Орал / Уральск"
    phone: str = ""
    shifted: bool = False
    codes: set[str] = field(default_factory=set)

    @property
    def family_size(self) -> int:
        return len(self.family) + 1 if self.family_count is None else self.family_count

    def copy(self) -> "Entry":
        """Return the same row once more."""
        return replace(self, codes=set(self.codes))


def lawful_list(entry: Entry) -> str | None:
    """Return the lawful list that a row says; None if it says none."""
    if entry.source == "paper":
        return None if entry.category in CATEGORIES[""] else entry.list_number
    return entry.list_number if entry.list_code is None else None


def write_lists(rng: Random, households: Sequence[Household]) -> list[Entry]:
    """
    Return the rows of all households, in the order of the households; each household has at least one.

    The first household is in all three lists, so that none of them is empty.
    """
    numbered = _numbers(households)
    entries: list[Entry] = []
    for household in households:
        time = f"{rng.randrange(9, 18):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"
        sources = _sources(rng, household.registered_on.year) if entries else list(SOURCES)
        entries.extend(_entry(rng, household, source, numbered[id(household)], time) for source in sources)
    return entries


def _numbers(households: Iterable[Household]) -> dict[int, str]:
    """Number the applications of each year in the order of registration."""
    last: dict[int, int] = {}
    numbers = {}
    for household in sorted(households, key=lambda one: one.registered_on):
        year = household.registered_on.year
        last[year] = last.get(year, 0) + 1
        numbers[id(household)] = f"{year}-{last[year]:06d}"
    return numbers


def _sources(rng: Random, year: int) -> list[str]:
    """Draw the systems that a household's registration got into: paper to 2013, РШЭП to 2019, СПП since."""
    if year > _LAST_RSHEP_YEAR:
        return ["spp"]
    chances = {"spp": 0.76, "rshep": 0.8, "paper": 0.8 if year <= LAST_PAPER_YEAR else 0.0}
    sources = [source for source, chance in chances.items() if rng.random() < chance]
    return sources or ["rshep"]


def _entry(rng: Random, household: Household, source: str, number: str, time: str) -> Entry:
    applicant = household.applicant
    # The systems took old registrations over from paper, mostly without the time of day.
    timed = source == "spp" and (household.registered_on.year > LAST_PAPER_YEAR or rng.random() < 0.45)
    name = applicant.name
    if source == "paper" and name.middle and rng.random() < 0.1:
        name = Name(name.last, name.first, "")
    return Entry(
        source=source,
        household=household,
        sheet=rng.choice(SHEETS) if source == "paper" else "",
        number={"spp": f"271-{number}", "rshep": f"Ц-{number}", "paper": ""}[source],
        iin=applicant.iin,
        name=name,
        day=household.registered_on,
        list_number=household.list_number,
        category=_category(rng, household) if source == "paper" else "",
        family=tuple(kin["iin"] for kin in applicant.family),
        time=time if timed else "00:00:00",
        iin_as_number=source == "paper" and rng.random() < 0.35,
        style=rng.choices(list(DATE_STYLES), weights=list(DATE_STYLES.values()))[0],
        capitals=source == "rshep" and rng.random() < 0.5,
        trailing_space=source == "paper" and rng.random() < 0.45,
        phone=applicant.phone,
    )


def _category(rng: Random, household: Household) -> str:
    wordings = CATEGORIES[household.list_number]
    if household.list_number == "4":
        retired = any(status["code"] == "pensioner" for status in household.applicant.statuses)
        wordings = (_PENSIONER,) if retired else tuple(one for one in wordings if one != _PENSIONER)
    return rng.choice(wordings)
