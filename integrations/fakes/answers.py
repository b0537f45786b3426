"""
What each state system says of an invented person, in its own words.

The other half of `sources/`: written apart from it, so that an adapter is tested against something it did
not write. A system that knows nothing says so with its own business code.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final
from xml.sax.saxutils import escape

from integrations.fakes.world import Person, Property, Status

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
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


class Form(Enum):
    """How a system puts its body into `data`."""

    TYPED = "TYPED"
    XSI_TYPE = "XSI_TYPE"
    ESCAPED = "ESCAPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """
    How a system speaks: its service, where its result code stands, its three codes, its facts about a person.
    """

    service_id: str
    root: str
    result: str
    found: str
    nothing: str
    no_consent: str
    tell: Callable[[Person, Asked], str]
    form: Form = Form.TYPED
    has_echo: bool = True
    # Its code for a consent token that is no longer good; such a system answers nobody without a token.
    expired_code: str = ""


def body(
    manner: Manner, person: Person | None, asked: Asked, *, as_of: date | None, refusal: str = ""
) -> tuple[str, str]:
    """Return the business body and its result code; `refusal` is the code of a system that may not tell."""
    if not refusal and person is not None and not person.consent:
        refusal = manner.no_consent
    told = manner.tell(person, asked) if person is not None and not refusal else ""
    code = refusal or (manner.found if told else manner.nothing)
    inner = _nest(manner.result.split("/"), code)
    # A person that nobody knows is echoed as asked; the population register, which echoes inside, says
    # nothing.
    if manner.has_echo:
        inner = _field("iin", person.iin if person is not None else asked.iin) + inner
    if as_of is not None:
        inner += _field("actualDate", f"{as_of}T00:00:00+05:00")
    return _in_form(manner, inner + told), code


def _in_form(manner: Manner, inner: str) -> str:
    if manner.form is Form.XSI_TYPE:
        kind = f'xmlns:xsi="{XSI}" xmlns:sys="urn:fake:{manner.service_id}" xsi:type="sys:{manner.root}"'
        return f"<data {kind}>{inner}</data>"
    if manner.form is Form.ESCAPED:
        document = f'<?xml version="1.0" encoding="UTF-8"?><{manner.root}>{inner}</{manner.root}>'
        return f"<data>{escape(document)}</data>"
    return (
        f'<data><sys:{manner.root} xmlns:sys="urn:fake:{manner.service_id}" xmlns:xsi="{XSI}">'
        f"{inner}</sys:{manner.root}></data>"
    )


def _nest(path: list[str], value: str) -> str:
    return _field(path[0], value) if len(path) == 1 else f"<{path[0]}>{_nest(path[1:], value)}</{path[0]}>"


def _field(name: str, value: object) -> str:
    return "" if value is None or value == "" else f"<{name}>{escape(str(value))}</{name}>"


def _fields(**values: object) -> str:
    return "".join(_field(name, value) for name, value in values.items())


def _statuses(person: Person, *codes: str) -> Iterable[Status]:
    return (status for status in person.statuses if status.code in codes)


def _population(person: Person, asked: Asked) -> str:
    home = person.registered
    address = (
        "<regAddress>"
        + _fields(kato=home.kato, arCode=home.rka, beginDate=home.since, status="1")
        + "</regAddress>"
        if home
        else '<regAddress xsi:nil="true"/>'
    )
    names = _fields(surname=person.name.last, name=person.name.first, patronymic=person.name.middle)
    dates = _fields(birthDate=person.birth_date, deathDate=person.death_date)
    sex = _nest(["gender", "code"], "1" if person.sex == "m" else "2")
    citizenship = _nest(["citizenship", "code"], person.citizenship)
    former = "".join(_field("previousIin", iin) for iin in person.former_iins)
    return f"<person>{_field('iin', person.iin)}{former}{names}{dates}{sex}{citizenship}{address}</person>"


def _civil_acts(person: Person, asked: Asked) -> str:
    names = {"spouse": "marriageInfo", "child": "childInfo", "parent": "parentInfo"}
    acts = "".join(
        f"<{names[relative.relation]}>"
        + _fields(iin=relative.iin, actDate=relative.since, endDate=relative.until)
        + f"</{names[relative.relation]}>"
        for relative in person.family
    )
    acts += _told(_statuses(person, "single_parent"), "incompleteFamily", "beginDate", "endDate")
    return f"<familyInfoList>{acts}</familyInfoList>" if acts else ""


def _rights(person: Person, asked: Asked) -> str:
    rights = "".join(_right(item) for item in person.property if _is_asked(item, asked))
    return f"<rights>{rights}</rights>" if rights else ""


def _is_asked(item: Property, asked: Asked) -> bool:
    return item.disposed is None or asked.start is None or item.disposed >= asked.start


def _right(item: Property) -> str:
    above, _, below = item.share.partition("/")
    return (
        "<right>"
        + _fields(
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


def _address(person: Person, asked: Asked) -> str:
    home = person.registered
    places = {home.rka: home.kato} if home and home.rka else {}
    if asked.rka:
        places |= {item.rka: item.kato for item in person.property if item.rka and item.kato}
    kato = places.get(asked.rka) if asked.rka else (home.kato if places and home else None)
    if kato is None:
        return ""
    return f"<address>{_fields(rka=asked.rka or (home.rka if home else ''), kato=kato)}</address>"


def _income(person: Person, asked: Asked) -> str:
    months = "".join(
        f"<contribution>{_fields(month=month, payerBin=EMPLOYER_BIN, base=amount)}</contribution>"
        for month, amount in sorted(person.income.items())
        if _is_month_asked(month, asked)
    )
    return f"<contributions>{months}</contributions>" if months else ""


def _is_month_asked(month: str, asked: Asked) -> bool:
    first = date.fromisoformat(f"{month}-01")
    return (asked.start is None or first >= asked.start) and (asked.until is None or first < asked.until)


def _payments(person: Person, asked: Asked) -> str:
    kinds = {"pensioner": "PENSION_AGE", "large_family_mother": "MOTHER_AWARD"}
    payments = "".join(
        f"<payment>{_fields(kind=kinds[status.code], dateFrom=status.from_, dateTo=status.until)}</payment>"
        for status in _statuses(person, *kinds)
    )
    payments += "".join(
        "<payment>"
        + _fields(kind=paid.kind, monthlySum=paid.amount, dateFrom=paid.from_, dateTo=paid.until)
        + "</payment>"
        for paid in person.benefits
    )
    return f"<payments>{payments}</payments>" if payments else ""


def _disability(person: Person, asked: Asked) -> str:
    term = person.disability
    if term is None:
        return ""
    group = str(term.group).upper()
    return f"<disability>{_fields(group=group, dateFrom=term.from_, reexamDate=term.until)}</disability>"


def _contracts(person: Person, asked: Asked) -> str:
    contracts = "".join(
        "<contract>"
        + _fields(
            employerBin=EMPLOYER_BIN,
            budgetOrganization="true",
            contractDate=status.from_,
            terminationDate=status.until,
        )
        + "</contract>"
        for status in _statuses(person, "budget_worker")
    )
    return f"<contracts>{contracts}</contracts>" if contracts else ""


def _illness(person: Person, asked: Asked) -> str:
    return "".join(
        "<record>"
        + _fields(onHousingList="true", registeredDate=status.from_, removedDate=status.until)
        + "</record>"
        for status in _statuses(person, "chronic_illness")
    )


def _service(person: Person, asked: Asked) -> str:
    kinds = {"military": "10", "wwii_veteran": "41"}
    return "".join(
        f"<record>{_fields(kindCode=kinds[status.code], dateFrom=status.from_, dateTo=status.until)}</record>"
        for status in _statuses(person, *kinds)
    )


def _told(statuses: Iterable[Status], element: str, start: str, until: str) -> str:
    return "".join(
        f"<{element}>{_field(start, status.from_)}{_field(until, status.until)}</{element}>"
        for status in statuses
    )


def _status(
    code: str, element: str, start: str = "dateFrom", until: str = "dateTo"
) -> Callable[[Person, Asked], str]:
    return lambda person, asked: _told(_statuses(person, code), element, start, until)


def _nothing(person: Person, asked: Asked) -> str:
    return ""


MANNERS: Final = {
    "gbd_fl": Manner(
        service_id="GBDFLUniversal_token",
        root="getPersonResponse",
        result="messageResult/code",
        found="00000",
        nothing="00001",
        no_consent="00010",
        tell=_population,
        has_echo=False,
        expired_code="00011",
    ),
    "zags": Manner(
        service_id="ZAGS_FamilyInfo",
        root="getFamilyInfoResponse",
        result="messageResult/code",
        found="00000",
        nothing="00001",
        no_consent="00010",
        tell=_civil_acts,
    ),
    "egkn": Manner(
        service_id="EGKN_PersonRights",
        root="personRightsResponse",
        result="result/code",
        found="RIGHTS_FOUND",
        nothing="NO_RIGHTS",
        no_consent="NO_CONSENT",
        tell=_rights,
    ),
    "addr_reg": Manner(
        service_id="AR_PersonAddress",
        root="addressResponse",
        result="result/code",
        found="0",
        nothing="1",
        no_consent="7",
        tell=_address,
    ),
    "enpf": Manner(
        service_id="ENPF_PensionInfo",
        root="getPensionInfoResponse",
        result="responseCode",
        found="200",
        nothing="204",
        no_consent="403",
        tell=_income,
    ),
    "emaket": Manner(
        service_id="Kazpens7dList_MTSZN",
        root="paymentsResponse",
        result="status/code",
        found="OK",
        nothing="NOT_RECIPIENT",
        no_consent="KDP_REFUSED",
        tell=_payments,
    ),
    "cbdi": Manner(
        service_id="PersonStatusUniversalServiceSync",
        root="getStatusResponse",
        result="result/resultCode",
        found="1",
        nothing="0",
        no_consent="9",
        tell=_disability,
    ),
    "esobes": Manner(
        service_id="ASP_AddressSocialAssistance",
        root="assistanceResponse",
        result="state",
        found="ok",
        nothing="none",
        no_consent="noconsent",
        tell=_nothing,
        form=Form.ESCAPED,
    ),
    "esutd": Manner(
        service_id="ESUTD_Contracts",
        root="contractsResponse",
        result="answer/code",
        found="FOUND",
        nothing="NOT_FOUND",
        no_consent="CONSENT",
        tell=_contracts,
    ),
    "labour": Manner(
        service_id="LM_UnemployedStatus",
        root="unemployedResponse",
        result="result/code",
        found="S001",
        nothing="S002",
        no_consent="S009",
        tell=_nothing,
    ),
    "kgd": Manner(
        service_id="KGD_Taxpayer",
        root="taxpayerResponse",
        result="result/code",
        found="20000",
        nothing="20404",
        no_consent="20403",
        tell=_nothing,
    ),
    "gbd_ul": Manner(
        service_id="GbdulAffilFace_KDP",
        root="affiliationResponse",
        result="status/code",
        found="200",
        nothing="404",
        no_consent="403",
        tell=_nothing,
        expired_code="419",
    ),
    "ekyzmet": Manner(
        service_id="EKyzmetUniversalService",
        root="Response",
        result="resultCode",
        found="1",
        nothing="0",
        no_consent="-5",
        tell=_status("civil_servant", "appointment"),
        form=Form.XSI_TYPE,
    ),
    "nobd": Manner(
        service_id="NOBD_CareStatus",
        root="careStatusResponse",
        result="result/code",
        found="OK",
        nothing="EMPTY",
        no_consent="NO_CONSENT",
        tell=_status("orphan", "withoutParentalCare"),
        form=Form.ESCAPED,
    ),
    "health": Manner(
        service_id="RDBService_MTSZN",
        root="registerResponse",
        result="result/code",
        found="00",
        nothing="01",
        no_consent="05",
        tell=_illness,
    ),
    "kandas": Manner(
        service_id="KANDAS_Status",
        root="kandasResponse",
        result="result/code",
        found="OK",
        nothing="NOT_FOUND",
        no_consent="NO_CONSENT",
        tell=_status("kandas", "certificate"),
    ),
    "mod": Manner(
        service_id="MO_ISHASMR_ENBEKSERVICE",
        root="serviceResponse",
        result="statusCode",
        found="100",
        nothing="404",
        no_consent="403",
        tell=_service,
    ),
    "emergency_housing": Manner(
        service_id="EH_EmergencyDwelling",
        root="emergencyDwellingResponse",
        result="result/code",
        found="FOUND",
        nothing="NOT_FOUND",
        no_consent="NO_CONSENT",
        tell=_status("emergency_dwelling", "dwelling", "recognizedDate", "resettledDate"),
    ),
}
"""How each system speaks, by its code."""
