"""
Rows of a synthetic world whose IINs were lost or spoiled, with what a clerk made of the name: whose they are
is known, because it was done here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from housing_queue.worlds import names
from housing_queue.worlds.names import Name
from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.ledger import reconcile
from queue_registry.rules.legacy.mapping import first_mapping
from queue_registry.rules.legacy.mentioned import lists_of, mention_of
from queue_registry.rules.legacy.mentions import Mention
from queue_registry.rules.legacy.names import PersonName
from queue_registry.rules.legacy.register import NOT_IN_REGISTER
from queue_registry.rules.legacy.rows import Field, ParsedRow, RawRow, parse
from tests.unit.queue_registry.legacy import worlds

# Everything that a clerk did to a name, and how a number got lost.
SPELLINGS = ("as it is", "russified", "Latin letters", "capitals", "order", "initials", "patronymic", "short")
_ENDINGS = {"ұлы": "ович", "қызы": "овна"}
_LOST = str.maketrans(dict.fromkeys("ӘҒҚҢӨҰҮҺәғқңөұүһ", "?"))
LOSSES = ("empty", "digit", "neighbors", "spreadsheet", "another's")


@dataclass(frozen=True)
class Planted:
    """The mentions of a world after its numbers were spoiled; and who each of them is."""

    mentions: list[Mention]
    person: dict[int, str]
    # What was done to the name and to the number of those without a confirmed IIN.
    told: dict[int, tuple[str, str]]

    @property
    def true_pairs(self) -> set[tuple[int, int]]:
        """Pairs of mentions of one person of which one has no confirmed IIN."""
        by_person: dict[str, list[Mention]] = {}
        for one in self.mentions:
            by_person.setdefault(self.person[one.key], []).append(one)
        return {
            (one.key, other.key)
            for ones in by_person.values()
            for one in ones
            for other in ones
            if one.key < other.key and not (one.iin and other.iin)
        }


def plant(contents: Mapping[str, bytes], *, seed: int, share: float) -> Planted:
    """Spoil the numbers of a share of a world's rows that were in order; all others are left out."""
    world, rng = worlds.read_world(contents), Random(seed)
    identities, families = worlds.identities_of(world.people), worlds.families_of(world.people)
    raw = {_place(row): row for file in world.files.values() for row in file.rows}
    sound = [one for one in world.ledger.rows if one.applicant in identities]
    everybody = sorted({one.applicant for one in sound})
    rows, truth, told = {}, {}, {}
    for one in sound:
        place = _place(one.row)
        rows[place], truth[place] = raw[place], one.applicant
        if rng.random() < share and not {"DUPLICATE", "PADDED"} & set(one.codes):
            told[place] = (rng.choice(SPELLINGS), rng.choice(LOSSES))
            name = identities[one.applicant].name
            rows[place] = _spoiled(rng, raw[place], one.applicant, name, everybody, told[place])
    parsed = [parse(row, imported_on=worlds.AS_OF) for row in rows.values()]
    nobody = dict.fromkeys((row.iin.iin for row in parsed if row.iin.iin), NOT_IN_REGISTER)
    ledger = reconcile(
        parsed, identities=nobody | identities, families=families, mapping=first_mapping(), as_of=worlds.AS_OF
    )
    mentions = [
        mention_of(
            applicant.rows,
            key=key,
            iin=applicant.iin,
            identity=identities.get(applicant.iin or ""),
            kin=families.get(applicant.iin or "", ()),
            numbers=[text_of(rows[_place(row)].cells.get(Field.IIN)) for row in applicant.rows],
            lists=lists_of(applicant.rows, first_mapping()),
            as_of=worlds.AS_OF,
        )
        for key, applicant in enumerate(ledger.applicants)
    ]
    places = {key: _place(applicant.rows[0]) for key, applicant in enumerate(ledger.applicants)}
    return Planted(
        mentions=mentions,
        person={key: truth[place] for key, place in places.items()},
        told={key: told[place] for key, place in places.items() if mentions[key].iin is None},
    )


def _place(row: RawRow | ParsedRow) -> tuple[Source, int, int]:
    return (row.source, row.sheet_no, row.row)


def _spoiled(
    rng: Random, row: RawRow, iin: str, name: PersonName, everybody: list[str], told: tuple[str, str]
) -> RawRow:
    spelling, loss = told
    cells = dict(row.cells)
    cells[Field.IIN] = _lost(rng, iin, everybody, loss)
    written = _written(Name(name.last, name.first, name.middle), spelling)
    if row.source is Source.SPP:
        last, first, middle = (*written.split(), "", "")[:3]
        cells |= {Field.LAST_NAME: last, Field.FIRST_NAME: first, Field.MIDDLE_NAME: middle}
    elif row.source is Source.RSHEP:
        cells[Field.NAME] = written.translate(_LOST)
    else:
        cells[Field.NAME] = written
    return row._replace(cells=cells, texts=None)


def _lost(rng: Random, iin: str, everybody: list[str], loss: str) -> str:
    if loss == "digit":
        at = rng.randrange(12)
        return f"{iin[:at]}{(int(iin[at]) + rng.randrange(1, 10)) % 10}{iin[at + 1 :]}"
    if loss == "neighbors":
        at = rng.choice([at for at in range(11) if iin[at] != iin[at + 1]])
        return f"{iin[:at]}{iin[at + 1]}{iin[at]}{iin[at + 2 :]}"
    if loss == "another's":
        return rng.choice([one for one in everybody if one != iin])
    return {"empty": "", "spreadsheet": f"{iin[0]},{iin[1]}E+11"}[loss]


def _written(name: Name, spelling: str) -> str:
    full = str(name)
    if spelling == "initials":
        return names.initials(name)
    if spelling == "order":
        return " ".join(filter(None, (name.first, name.middle, name.last)))
    if spelling == "patronymic":
        for ending, other in _ENDINGS.items():
            full = full.removesuffix(ending) + other if full.endswith(ending) else full
        return full
    if spelling == "short":
        return f"{name.last} {name.first}"
    return {
        "as it is": full,
        "capitals": full.upper(),
        "russified": names.russified(full),
        "Latin letters": names.in_latin_letters(full),
    }[spelling]
