"""Why a tenancy contract is annulled (Housing Law art 82): closed codes."""

from enum import StrEnum


class AnnulmentGround(StrEnum):
    """What was wrong when the home was given; who lived there did not have to do it."""

    ORDER_BREACHED = "ORDER_BREACHED"
    UNLAWFUL_ACTS = "UNLAWFUL_ACTS"
