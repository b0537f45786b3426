"""
A stream that only the holder of the key reads, and that nobody changes or cuts unseen.

The file: 8 bytes that name the format, 16 of salt, 16 by which a wrong key is known, then chunks of 1 MiB,
each encrypted by AES-256-GCM with 16 bytes of proof behind it. The key of a file is made of the secret and
its salt (HKDF with SHA-256), so that no nonce is used twice; a chunk's nonce is its number and whether it is
the last.
"""

import base64
import binascii
import hmac
import secrets
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MAGIC: Final = b"KEZEKBK1"
CHUNK: Final = 1 << 20
SECRET_BYTES: Final = 32
_SALT: Final = 16
_PROOF: Final = 16


class Unreadable(Exception):
    """The file can't be opened, or not to its end: it says why."""


def secret() -> bytes:
    """Return the secret of the setting BACKUP_KEY."""
    try:
        key = base64.b64decode(settings.BACKUP_KEY, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SECRET_BYTES:
        raise ImproperlyConfigured("BACKUP_KEY: 32 random bytes in base64 are needed.")
    return key


def _keys(secret: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    """The cipher of a file, and the bytes by which a wrong key is known."""
    made = HKDF(algorithm=SHA256(), length=32 + _PROOF, salt=salt, info=b"kezek backup 1").derive(secret)
    return AESGCM(made[:32]), made[32:]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealer:
    """Encrypts what is written to it; without `close` the file has no end and can't be read."""

    def __init__(self, out: BinaryIO, secret: bytes) -> None:
        salt = secrets.token_bytes(_SALT)
        self._cipher, proof = _keys(secret, salt)
        self._header = MAGIC + salt + proof
        self._out, self._number, self._waiting = out, 0, bytearray()
        out.write(self._header)

    def write(self, content: bytes) -> int:
        """Take content of any length."""
        self._waiting += content
        # The last chunk is known only at the end, so one is always held back.
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(content)

    def close(self) -> None:
        """Write the last chunk."""
        self._put(bytes(self._waiting), last=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._out.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._number += 1


class Opener:
    """Reads what a `Sealer` wrote; every chunk is proved before any byte of it is handed on."""

    def __init__(self, source: BinaryIO, secret: bytes) -> None:
        """
        :raises Unreadable: if it is no such file, or another key's.
        """
        self._header = source.read(len(MAGIC) + _SALT + _PROOF)
        if len(self._header) < len(MAGIC) + _SALT + _PROOF or not self._header.startswith(MAGIC):
            raise Unreadable("This is no backup of Kezek.")
        self._cipher, proof = _keys(secret, self._header[len(MAGIC) : -_PROOF])
        if not hmac.compare_digest(proof, self._header[-_PROOF:]):
            raise Unreadable("BACKUP_KEY is not the key that this backup was made with.")
        self._source, self._number, self._open = source, 0, bytearray()
        self._next = source.read(CHUNK + _PROOF)
        self._ended = False

    def read(self, size: int) -> bytes:
        """
        Return `size` bytes, fewer only at the end.

        :raises Unreadable: at the first chunk that was changed, or if the end is missing.
        """
        while len(self._open) < size and not self._ended:
            self._open += self._take()
        taken = bytes(self._open[:size])
        del self._open[:size]
        return taken

    def _take(self) -> bytes:
        chunk, self._next = self._next, self._source.read(CHUNK + _PROOF)
        self._ended = not self._next
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last=self._ended), chunk, self._header)
        except InvalidTag as error:
            raise Unreadable(f"The backup is damaged or cut: chunk {self._number} does not hold.") from error
        self._number += 1
        return plain
