"""Why a signature was not taken, in words."""

from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.presenters import words

_FAULTS: Final = {
    "MALFORMED": _("The file is no signature that can be read (CMS)."),
    "NOT_DETACHED": _("The signature carries a document of its own; a detached signature is needed."),
    "NOT_ONE_SIGNER": _("The file has the signatures of several people; each signs by a file of their own."),
    "UNSUPPORTED_GOST": _("A key of the national standard is verified by NCANode, which is not set up here."),
    "UNSUPPORTED_ALGORITHM": _("The signature was made by an algorithm that is not taken."),
    "NO_CERTIFICATE": _("The file has no certificate of its signer."),
    "OTHER_DOCUMENT": _("Another document was signed than the one on this page."),
    "BAD_SIGNATURE": _("The signature does not belong to the certificate in the file."),
    "UNKNOWN_AUTHORITY": _("The certificate was issued by an authority that is not trusted here."),
    "NO_TIME_STAMP": _("The signature has no time stamp."),
    "BAD_TIME_STAMP": _("The time stamp is not one of this signature, or nobody trusted made it."),
    "NOT_YET_VALID": _("The certificate was not valid yet when it was used."),
    "EXPIRED": _("The certificate had expired when it was used."),
    "REVOKED": _("The certificate had been revoked when it was used."),
    "REVOCATION_UNKNOWN": _("Nobody knows now whether the certificate was revoked; try again later."),
    "NOT_FOR_SIGNING": _("The key is one for signing in (AUTH); use the key for signing."),
    "KEY_USER": _("The key is not one of an employee or of somebody who may sign for the akimat."),
    "OTHER_PERSON": _("The certificate is another person's."),
    "OTHER_ORGANIZATION": _("The certificate is of another organization than this akimat."),
    "BEFORE_SESSION": _("The signature is older than what is signed."),
    "AFTER_SESSION": _("The signature was made after the protocol was locked."),
    "IN_FUTURE": _("The time stamp lies in the future."),
}


def fault(code: str) -> str:
    """Why a signature was not taken."""
    return words("signature_fault", _FAULTS, code)
