"""The contract on a home, or the referral to the bank of a loan place, as a document that is set as PDF."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from allocation import stock_presenters, tenancy_presenters
from allocation.documents.figures import joined, number
from allocation.models import Dwelling, Tenancy
from allocation.rules import programmes
from queue_registry.documents import blocks
from queue_registry.models import HouseholdMember
from queue_registry.presenters import list_name
from queue_registry.rules.calendar import civil_day

_DAY = "%d.%m.%Y"


def document(tenancy: Tenancy, language: str) -> dict[str, Any]:
    """
    Return the paper of a contract in the language that is active; no personal number stands in it.

    :param language: kk or ru; also the name of the akimat is in it.
    """
    akimat, dwelling = tenancy.akimat, tenancy.offer.dwelling
    name = akimat.name_kk if language == "kk" else akimat.name_ru
    title = tenancy_presenters.title(dwelling.kind) % {"number": tenancy.number}
    day = tenancy.concluded_on
    return {
        "format": "tenancy/1",
        "language": language,
        "title": title,
        "subtitle": _("of %(day)s") % {"day": day.strftime(_DAY)},
        "akimat": name,
        "author": name,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "header": {"left": name, "right": title},
        "footer": {
            "left": _("File number %(number)s") % {"number": tenancy.offer.entry.file_number},
            "page": _("page {page} of {pages}"),
        },
        "sections": [
            _parties(tenancy, name),
            _basis(tenancy),
            _subject(dwelling, language),
            _terms(tenancy),
            _signatures(tenancy, name),
        ],
    }


def _parties(tenancy: Tenancy, name: str) -> dict[str, Any]:
    entry = tenancy.offer.entry
    rows = (
        (tenancy_presenters.giver(tenancy.offer.dwelling.kind), name),
        (_("Business number"), tenancy.akimat.bin or "–"),
        (tenancy_presenters.taker(tenancy.offer.dwelling.kind), entry.applicant.full_name),
        (_("File number"), entry.file_number),
        (_("Members of the household"), joined(_members(tenancy))),
    )
    return blocks.section(_("Parties"), [blocks.pairs(rows)])


def _members(tenancy: Tenancy) -> Iterator[str]:
    """Who belonged to the household on the day of the contract, whatever became of it later."""
    day = tenancy.concluded_on
    rows = HouseholdMember.objects.filter(
        Q(from_on__isnull=True) | Q(from_on__lte=day),
        Q(until_on__isnull=True) | Q(until_on__gt=day),
        application=tenancy.offer.application_id,
    )
    for member in rows.select_related("person").order_by("pk"):
        yield member.person.full_name


def _basis(tenancy: Tenancy) -> dict[str, Any]:
    decision, entry = tenancy.akimat_decision, tenancy.offer.entry
    sitting = decision.sitting
    rows = (
        (
            _("Decision of the akimat"),
            _("No %(number)s of %(day)s")
            % {"number": decision.number, "day": decision.decided_on.strftime(_DAY)},
        ),
        (_("Protocol of the housing commission"), _("No %(number)s") % {"number": sitting.number}),
        (_("Round"), sitting.run.round.number),
        (_("List"), list_name(entry.waiting_list.number)),
    )
    return blocks.section(_("What the contract rests on"), [blocks.pairs(rows)])


def _subject(dwelling: Dwelling, language: str) -> dict[str, Any]:
    if dwelling.kind == Dwelling.Kind.LOAN:
        rows = [(_("Place of a loan program"), dwelling.number), (_("Program"), dwelling.programme)]
        lender = programmes.find(dwelling.programme, on=civil_day(dwelling.state_since))
        terms = stock_presenters.terms(lender) if lender is not None else ()
        rows += [(label, f"{value} ({basis})") for label, value, basis in terms]
        return blocks.section(_("Loan"), [blocks.pairs(rows)])
    address = dwelling.address_kk if language == "kk" else dwelling.address_ru
    rows = [
        (_("Dwelling"), dwelling.number),
        (_("Address"), address),
        (_("Rooms"), str(dwelling.rooms)),
        (_("Area, m²"), number(dwelling.area) if dwelling.area is not None else "–"),
        (_("Floor"), str(dwelling.floor)),
        (_("Cadastral number"), dwelling.cadastral_number or "–"),
        (_("Code in the register of addresses"), dwelling.rka or "–"),
    ]
    return blocks.section(_("Home"), [blocks.pairs(rows)])


def _terms(tenancy: Tenancy) -> dict[str, Any]:
    texts = tenancy_presenters.terms(tenancy.offer.dwelling.kind)
    return blocks.section(_("Terms"), [blocks.text(text) for text in texts])


def _signatures(tenancy: Tenancy, name: str) -> dict[str, Any]:
    rows = (
        (tenancy_presenters.giver(tenancy.offer.dwelling.kind), name),
        (tenancy_presenters.taker(tenancy.offer.dwelling.kind), tenancy.offer.entry.applicant.full_name),
    )
    return blocks.section(_("Signatures"), [blocks.signatures(rows)])
