"""Object identifiers of the national authority's certificates, which the development authority imitates."""

from typing import Final

_KEY_USER: Final = "1.2.398.3.3.4.1"
INDIVIDUAL: Final = f"{_KEY_USER}.1"
CEO: Final = f"{_KEY_USER}.2.1"
RIGHT_TO_SIGN: Final = f"{_KEY_USER}.2.2"
EMPLOYEE: Final = f"{_KEY_USER}.2.5"
KEY_USERS: Final = {
    INDIVIDUAL: "INDIVIDUAL",
    CEO: "CEO",
    RIGHT_TO_SIGN: "RIGHT_TO_SIGN",
    EMPLOYEE: "EMPLOYEE",
}
# Who of an organization may sign for it.
MAY_SIGN: Final = frozenset({CEO, RIGHT_TO_SIGN, EMPLOYEE})
# Every algorithm of the national standard (GOST 34.10-2015, 34.11-2015, and the older ones) lies below these.
GOST: Final = ("1.2.398.3.10.", "1.2.643.")
# So the subject of a certificate tells whose it is.
IIN: Final = "IIN"
BIN: Final = "BIN"
