"""How each state system speaks: its service, its codes, the form of its body."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from integrations.fakes.tellings import (
    Asked,
    tell_address,
    tell_civil_acts,
    tell_contracts,
    tell_disability,
    tell_illness,
    tell_income,
    tell_nothing,
    tell_payments,
    tell_population,
    tell_rights,
    tell_service,
    tell_status,
)
from integrations.fakes.world import Person


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


MANNERS: Final = {
    "gbd_fl": Manner(
        service_id="GBDFLUniversal_token",
        root="getPersonResponse",
        result="messageResult/code",
        found="00000",
        nothing="00001",
        no_consent="00010",
        tell=tell_population,
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
        tell=tell_civil_acts,
    ),
    "egkn": Manner(
        service_id="EGKN_PersonRights",
        root="personRightsResponse",
        result="result/code",
        found="RIGHTS_FOUND",
        nothing="NO_RIGHTS",
        no_consent="NO_CONSENT",
        tell=tell_rights,
    ),
    "addr_reg": Manner(
        service_id="AR_PersonAddress",
        root="addressResponse",
        result="result/code",
        found="0",
        nothing="1",
        no_consent="7",
        tell=tell_address,
    ),
    "enpf": Manner(
        service_id="ENPF_PensionInfo",
        root="getPensionInfoResponse",
        result="responseCode",
        found="200",
        nothing="204",
        no_consent="403",
        tell=tell_income,
    ),
    "emaket": Manner(
        service_id="Kazpens7dList_MTSZN",
        root="paymentsResponse",
        result="status/code",
        found="OK",
        nothing="NOT_RECIPIENT",
        no_consent="KDP_REFUSED",
        tell=tell_payments,
    ),
    "cbdi": Manner(
        service_id="PersonStatusUniversalServiceSync",
        root="getStatusResponse",
        result="result/resultCode",
        found="1",
        nothing="0",
        no_consent="9",
        tell=tell_disability,
    ),
    "esobes": Manner(
        service_id="ASP_AddressSocialAssistance",
        root="assistanceResponse",
        result="state",
        found="ok",
        nothing="none",
        no_consent="noconsent",
        tell=tell_nothing,
        form=Form.ESCAPED,
    ),
    "esutd": Manner(
        service_id="ESUTD_Contracts",
        root="contractsResponse",
        result="answer/code",
        found="FOUND",
        nothing="NOT_FOUND",
        no_consent="CONSENT",
        tell=tell_contracts,
    ),
    "labour": Manner(
        service_id="LM_UnemployedStatus",
        root="unemployedResponse",
        result="result/code",
        found="S001",
        nothing="S002",
        no_consent="S009",
        tell=tell_nothing,
    ),
    "kgd": Manner(
        service_id="KGD_Taxpayer",
        root="taxpayerResponse",
        result="result/code",
        found="20000",
        nothing="20404",
        no_consent="20403",
        tell=tell_nothing,
    ),
    "gbd_ul": Manner(
        service_id="GbdulAffilFace_KDP",
        root="affiliationResponse",
        result="status/code",
        found="200",
        nothing="404",
        no_consent="403",
        tell=tell_nothing,
        expired_code="419",
    ),
    "ekyzmet": Manner(
        service_id="EKyzmetUniversalService",
        root="Response",
        result="resultCode",
        found="1",
        nothing="0",
        no_consent="-5",
        tell=tell_status("civil_servant", "appointment"),
        form=Form.XSI_TYPE,
    ),
    "nobd": Manner(
        service_id="NOBD_CareStatus",
        root="careStatusResponse",
        result="result/code",
        found="OK",
        nothing="EMPTY",
        no_consent="NO_CONSENT",
        tell=tell_status("orphan", "withoutParentalCare"),
        form=Form.ESCAPED,
    ),
    "health": Manner(
        service_id="RDBService_MTSZN",
        root="registerResponse",
        result="result/code",
        found="00",
        nothing="01",
        no_consent="05",
        tell=tell_illness,
    ),
    "kandas": Manner(
        service_id="KANDAS_Status",
        root="kandasResponse",
        result="result/code",
        found="OK",
        nothing="NOT_FOUND",
        no_consent="NO_CONSENT",
        tell=tell_status("kandas", "certificate"),
    ),
    "mod": Manner(
        service_id="MO_ISHASMR_ENBEKSERVICE",
        root="serviceResponse",
        result="statusCode",
        found="100",
        nothing="404",
        no_consent="403",
        tell=tell_service,
    ),
    "emergency_housing": Manner(
        service_id="EH_EmergencyDwelling",
        root="emergencyDwellingResponse",
        result="result/code",
        found="FOUND",
        nothing="NOT_FOUND",
        no_consent="NO_CONSENT",
        tell=tell_status("emergency_dwelling", "dwelling", "recognizedDate", "resettledDate"),
    ),
}
"""How each system speaks, by its code."""
