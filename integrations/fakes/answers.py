"""
What each state system says of an invented person, in its own words.

The other half of `sources/`: written apart from it, so that an adapter is tested against something it did
not write. A system that knows nothing says so with its own business code.
"""

from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from integrations.fakes.manners import Form, Manner
from integrations.fakes.tellings import Asked, field, nest
from integrations.fakes.world import Person

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def body(
    manner: Manner, person: Person | None, asked: Asked, *, as_of: date | None, refusal: str = ""
) -> tuple[str, str]:
    """Return the business body and its result code; `refusal` is the code of a system that may not tell."""
    if not refusal and person is not None and not person.consent:
        refusal = manner.no_consent
    told = manner.tell(person, asked) if person is not None and not refusal else ""
    code = refusal or (manner.found if told else manner.nothing)
    inner = nest(manner.result.split("/"), code)
    # A person that nobody knows is echoed as asked; the population register, which echoes inside, says
    # nothing.
    if manner.has_echo:
        inner = field("iin", person.iin if person is not None else asked.iin) + inner
    if as_of is not None:
        inner += field("actualDate", f"{as_of}T00:00:00+05:00")
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
