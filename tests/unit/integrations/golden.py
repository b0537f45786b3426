"""
What each system answers about one invented person, written by hand, and the facts that must come of it.

The business bodies stand in the form their system uses; `envelope` puts any of them into the gateway's
envelope.
"""

from pathlib import Path
from xml.sax.saxutils import escape

from integrations.contract import FactKind, Query
from integrations.sources import ADAPTERS

IIN = "851231100002"
OTHER_IIN = "851231200009"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
AS_OF = "<actualDate>2026-09-01T00:00:00+05:00</actualDate>"

_SINCE_2015 = {"from": "2015-02-03", "until": None}

# source: facts as (kind, value)
FACTS = {
    "gbd_fl": [
        (
            FactKind.PERSON,
            {
                "last": "Әбдіғалиұлы-Ғұмарқызы",
                "first": "Өңүіһ",
                "middle": "Қанатқызы",
                "birth_date": "1885-12-31",
                "death_date": None,
                "sex": "f",
                "citizenship": "KAZ",
            },
        ),
        (FactKind.REGISTRATION, {"kato": "271010000", "rka": "1224108878342059", "since": "2009-05-11"}),
    ],
    "zags": [
        (
            FactKind.KINSHIP,
            {"iin": "851231200009", "relation": "spouse", "since": "2010-06-01", "until": "2020-01-15"},
        ),
        (
            FactKind.KINSHIP,
            {"iin": "920330200109", "relation": "child", "since": "2011-12-17", "until": None},
        ),
        (FactKind.STATUS, {"code": "single_parent", "from": "2020-01-15", "until": None}),
    ],
    "egkn": [
        (
            FactKind.PROPERTY_RIGHT,
            {
                "cadastral": "08:130:164:5927:1:37",
                "rka": "1211018888756887",
                "kind": "dwelling",
                "kato": "271010000",
                "area": "48.1",
                "share": "1/3",
                "acquired": "2018-03-18",
                "disposed": "2024-05-06",
            },
        ),
        (
            FactKind.PROPERTY_RIGHT,
            {
                "cadastral": None,
                "rka": None,
                "kind": "dwelling",
                "kato": None,
                "area": None,
                "share": "1",
                "acquired": None,
                "disposed": None,
            },
        ),
    ],
    "addr_reg": [
        (FactKind.ADDRESS, {"rka": "1224108878342059", "kato": "271010000"}),
    ],
    "enpf": [
        (FactKind.INCOME_MONTH, {"month": "2026-07", "amount": "0"}),
        (FactKind.INCOME_MONTH, {"month": "2026-08", "amount": "364001.00"}),
    ],
    "emaket": [
        (FactKind.STATUS, {"code": "pensioner", **_SINCE_2015}),
        (FactKind.STATUS, {"code": "large_family_mother", **_SINCE_2015}),
        (
            FactKind.BENEFIT,
            {"kind": "SURVIVOR", "amount": "45000.5", "from": "2020-01-01", "until": "2027-01-01"},
        ),
    ],
    "cbdi": [
        (FactKind.DISABILITY, {"group": 2, **_SINCE_2015}),
        (FactKind.DISABILITY, {"group": "child", "from": "2010-01-01", "until": "2015-02-03"}),
    ],
    "esobes": [
        (FactKind.BENEFIT, {"kind": "targeted_aid", "amount": "31000", **_SINCE_2015}),
    ],
    "esutd": [
        (FactKind.STATUS, {"code": "budget_worker", **_SINCE_2015}),
        (FactKind.STATUS, {"code": "employee", "from": "2001-02-03", "until": "2015-02-01"}),
    ],
    "labour": [
        (FactKind.STATUS, {"code": "unemployed", **_SINCE_2015}),
    ],
    "kgd": [
        (FactKind.STATUS, {"code": "sole_trader", **_SINCE_2015}),
    ],
    "gbd_ul": [
        (FactKind.STATUS, {"code": "founder", **_SINCE_2015}),
    ],
    "ekyzmet": [
        (FactKind.STATUS, {"code": "civil_servant", **_SINCE_2015}),
    ],
    "nobd": [
        (FactKind.STATUS, {"code": "orphan", **_SINCE_2015}),
    ],
    "health": [
        (FactKind.STATUS, {"code": "chronic_illness", **_SINCE_2015}),
    ],
    "kandas": [
        (FactKind.STATUS, {"code": "kandas", **_SINCE_2015}),
    ],
    "mod": [
        (FactKind.STATUS, {"code": "wwii_veteran", **_SINCE_2015}),
        (FactKind.STATUS, {"code": "military", **_SINCE_2015}),
    ],
    "emergency_housing": [
        (FactKind.STATUS, {"code": "emergency_dwelling", **_SINCE_2015}),
    ],
}


def _golden(source: str) -> tuple[str, str, list[tuple[FactKind, dict[str, object]]]]:
    """Start tag, what stands inside, facts."""
    text = (Path(__file__).parent / "golden_answers" / f"{source}.xml").read_text(encoding="utf-8").strip()
    end_of_head = text.index(">") + 1
    return text[:end_of_head], text[end_of_head : text.rindex("</")], FACTS[source]


GOLDEN = {source: _golden(source) for source in FACTS}


def query(source: str) -> Query:
    """A question about the person of the golden answers."""
    return Query(source=source, iin=IIN, purpose="TEST", bucket="2026-09")


def codes(source: str) -> dict[str, str]:
    """Raw codes of a source by outcome."""
    return {outcome.value: raw for raw, outcome in ADAPTERS[source].definition.code_map.items()}


def body(source: str, *, inner: str | None = None) -> str:
    """The business body of a source as an element; `inner` replaces what stands inside."""
    head, usual, _ = GOLDEN[source]
    name = head.strip("<>").split()[0]
    return f"{head}{usual if inner is None else inner}</{name}>"


def nothing_inside(source: str, code: str) -> str:
    """What stands inside a body that has a code and no record."""
    usual = GOLDEN[source][1]
    found = codes(source)["FOUND"]
    kept = usual[: usual.index(AS_OF) + len(AS_OF)]
    return kept.replace(f">{found}<", f">{code}<", 1)


def escaped(element: str) -> str:
    """An element in the third form of `data`."""
    return escape('<?xml version="1.0" encoding="UTF-8"?>\n' + element)


def envelope(
    source: str,
    data: str | None,
    *,
    status: str = "SCSS001",
    correlation_id: str | None = None,
    header: str = "",
) -> bytes:
    """An answer of the gateway; `data` None = the element is missing."""
    correlation_id = query(source).key if correlation_id is None else correlation_id
    held = "" if data is None else data if data.startswith("<data") else f"<data>{data}</data>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header>{header}</S:Header><S:Body>
<ns2:SendMessageResponse xmlns:ns2="http://bip.bee.kz/SyncChannel/v10/Types"><response>
<responseInfo><messageId>a-1</messageId><correlationId>{correlation_id}</correlationId>
<responseDate>2026-09-01T10:00:00+05:00</responseDate><status><code>{status}</code><message>ok</message></status>
<sessionId>{{5f0e4c4e-0000-4000-8000-000000000000}}</sessionId></responseInfo>
<responseData>{held}</responseData></response></ns2:SendMessageResponse></S:Body></S:Envelope>""".encode()


def fault(*codes: str) -> bytes:
    """A SOAP fault whose errors are nested, the first outermost."""
    errors = ""
    for level, code in reversed(list(enumerate(codes))):
        name = "ErrorInfo" if level == 0 else "subError"
        errors = (
            f"<{name}><errorCode>{code}</errorCode><errorMessage>x</errorMessage>"
            f"<errorDate>2026-09-01T10:00:00+05:00</errorDate>{errors}</{name}>"
        )
    return f"""<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault>
<faultcode>S:Server</faultcode><faultstring>x</faultstring><detail><ns3:SendMessageFault1_SendMessageFault
xmlns:ns3="http://bip.bee.kz/SyncChannel/v10/Types">{errors}</ns3:SendMessageFault1_SendMessageFault></detail>
</S:Fault></S:Body></S:Envelope>""".encode()
