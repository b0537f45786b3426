"""What a state register said of a person, as lines that a clerk can read."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats, presenters
from queue_registry.models import Fact, SourceAnswer

_CITIZENSHIPS: Final = {"KAZ": _("citizen of Kazakhstan")}
_RIGHTS: Final = {"dwelling": _("dwelling")}


def fact_lines(answer: SourceAnswer) -> list[str]:
    """The facts of one answer, a line each; months of income are summed into one line."""
    facts = list(answer.facts.all())
    months = [Decimal(fact.value["amount"]) for fact in facts if fact.kind == "INCOME_MONTH"]
    lines = [fact_line(fact) for fact in facts if fact.kind != "INCOME_MONTH"]
    if months:
        lines.append(
            gettext("income of %(months)s months: %(amount)s")
            % {"months": len(months), "amount": formats.tenge(sum(months, Decimal(0)))}
        )
    return lines


def fact_line(fact: Fact) -> str:
    """One fact as a line."""
    say = _SENTENCES.get(fact.kind)
    if say is None:
        return presenters.words("fact", {}, fact.kind)
    return ", ".join(part for part in say(fact) if part)


def _person(fact: Fact) -> Iterator[str]:
    value = fact.value
    yield " ".join(value[part] for part in ("last", "first", "middle") if value[part])
    yield gettext("born on %(day)s") % {"day": _day(value["birth_date"])}
    if value["death_date"]:
        yield gettext("died on %(day)s") % {"day": _day(value["death_date"])}
    citizenship = value["citizenship"]
    yield gettext(_CITIZENSHIPS[citizenship]) if citizenship in _CITIZENSHIPS else citizenship


def _registration(fact: Fact) -> Iterator[str]:
    if not fact.value["kato"]:
        yield gettext("no registration at a place of residence")
        return
    yield gettext("registered in the territory %(kato)s") % {"kato": fact.value["kato"]}
    yield _since(fact.value["since"])


def _kinship(fact: Fact) -> Iterator[str]:
    name = fact.relative.full_name if fact.relative else ""
    yield f"{presenters.relation(fact.value['relation'])}: {name}"
    yield _since(fact.value["since"])
    yield _until(fact.value["until"])


def _right(fact: Fact) -> Iterator[str]:
    value = fact.value
    yield gettext(_RIGHTS[value["kind"]]) if value["kind"] in _RIGHTS else value["kind"]
    yield formats.area(Decimal(value["area"])) if value["area"] else ""
    yield gettext("share %(share)s") % {"share": value["share"]}
    yield gettext("acquired on %(day)s") % {"day": _day(value["acquired"])} if value["acquired"] else ""
    yield gettext("disposed of on %(day)s") % {"day": _day(value["disposed"])} if value["disposed"] else ""


def _address(fact: Fact) -> Iterator[str]:
    yield gettext("address code %(rka)s") % {"rka": fact.value["rka"]}


def _benefit(fact: Fact) -> Iterator[str]:
    yield gettext("payment: %(kind)s") % {"kind": fact.value["kind"]}
    if fact.value["amount"] is not None:
        yield gettext("%(amount)s a month") % {"amount": formats.tenge(Decimal(fact.value["amount"]))}
    yield _since(fact.value["from"])
    yield _until(fact.value["until"])


def _status(fact: Fact) -> Iterator[str]:
    yield presenters.category(fact.value["code"])
    yield _since(fact.value["from"])
    yield _until(fact.value["until"])


def _disability(fact: Fact) -> Iterator[str]:
    group = fact.value["group"]
    yield (
        presenters.category("disabled_child")
        if group == "child"
        else gettext("disability, group %(group)s") % {"group": group}
    )
    yield _since(fact.value["from"])
    yield _until(fact.value["until"])


def _since(iso: str | None) -> str:
    return gettext("since %(day)s") % {"day": _day(iso)} if iso else ""


def _until(iso: str | None) -> str:
    return gettext("until %(day)s") % {"day": _day(iso)} if iso else ""


def _day(iso: str) -> str:
    return formats.day(date.fromisoformat(iso))


_SENTENCES: Final[Mapping[str, Callable[[Fact], Iterator[Any]]]] = {
    "PERSON": _person,
    "REGISTRATION": _registration,
    "KINSHIP": _kinship,
    "PROPERTY_RIGHT": _right,
    "ADDRESS": _address,
    "BENEFIT": _benefit,
    "STATUS": _status,
    "DISABILITY": _disability,
}
