"""The envelope as the schema wants it, and what its reader makes of others."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from integrations.gateway import envelope
from tests.unit.integrations.golden import fault

AT = datetime(2026, 9, 1, 4, 0, 7, 123, tzinfo=UTC)
FIELDS = {
    "message_id": "m",
    "correlation_id": "c",
    "service_id": "s",
    "sender_id": "kezek",
    "message_date": AT,
}


def test_inner_elements_are_unqualified_and_in_the_order_of_the_schema():
    raw = envelope.wrap(b"<q/>", **FIELDS, properties={"a": "<b>"})

    root = etree.fromstring(raw)
    request = root.find(f"{{{envelope.SOAP}}}Body/{{{envelope.TYPES}}}SendMessage/request")
    info = request.find("requestInfo")
    assert [child.tag for child in request] == ["requestInfo", "requestData"]
    assert [child.tag for child in info] == [
        "messageId",
        "correlationId",
        "serviceId",
        "messageDate",
        "sender",
        "properties",
    ]
    assert info.findtext("messageDate") == "2026-09-01T04:00:07+00:00"
    assert info.findtext("properties/value") == "<b>"
    assert [child.tag for child in request.find("requestData/data")] == ["q"]


def test_a_date_without_an_offset_is_not_sent():
    with pytest.raises(ValueError, match="message_date"):
        envelope.wrap(b"<q/>", **{**FIELDS, "message_date": AT.replace(tzinfo=None)})


@pytest.mark.parametrize(
    ("properties", "is_allowed"),
    [({"k" * 30: "v" * 500}, True), ({"k" * 31: "v"}, False), ({"k": "v" * 501}, False)],
)
def test_properties_have_the_lengths_of_the_schema(properties, is_allowed):
    if is_allowed:
        assert b"<properties>" in envelope.wrap(b"<q/>", **FIELDS, properties=properties)
        return
    with pytest.raises(ValueError, match="properties"):
        envelope.wrap(b"<q/>", **FIELDS, properties=properties)


def test_errors_of_a_fault_come_from_outside_in():
    assert envelope.open_envelope(fault("A", "B", "C")).fault_codes == ("A", "B", "C")


def test_an_endless_chain_of_errors_is_read_to_a_limit():
    codes = envelope.open_envelope(fault(*map(str, range(100)))).fault_codes

    assert len(codes) == envelope.FAULT_DEPTH_LIMIT


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "EMPTY"),
        (b"<a", "NOT_XML"),
        (b"<a/>", "NOT_ENVELOPE"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
        (b"<a>" + b"<b>" * 300 + b"</b>" * 300 + b"</a>", "NOT_XML"),
        (b" " * (envelope.SIZE_LIMIT + 1), "TOO_LARGE"),
        (f'<E xmlns="{envelope.SOAP}"/>'.encode(), "NOT_ENVELOPE"),
        (f'<Envelope xmlns="{envelope.SOAP}"><Body/></Envelope>'.encode(), "NOT_ENVELOPE"),
        (f'<Envelope xmlns="{envelope.SOAP}"><Body><x/></Body></Envelope>'.encode(), "NOT_ENVELOPE"),
    ],
)
def test_what_is_no_envelope_is_refused_with_the_reason(raw, code):
    with pytest.raises(envelope.EnvelopeError) as caught:
        envelope.open_envelope(raw)
    assert caught.value.code == code
