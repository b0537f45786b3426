"""Reading a backup from its beginning to its end: is every byte the one that was written?"""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from housing_queue.backups import contents
from housing_queue.backups.contents import Content, State
from housing_queue.backups.sealed_stream import Opener, Unreadable, secret


class ManifestDiffers(Unreadable):
    """What is in the backup is not what its manifest names."""


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """
    Yield name and content of what a backup holds, in its order; each is read before the next is asked for.

    :raises Unreadable: at the first byte that does not hold.
    """
    with path.open("rb") as file:
        opener = Opener(file, secret())
        try:
            with tarfile.open(fileobj=opener, mode="r|", bufsize=1 << 20) as archive:  # type: ignore[call-overload]
                for member in archive:
                    content = archive.extractfile(member)
                    if content is None:
                        raise Unreadable(f"The backup holds something that is no file: {member.name}")
                    yield member.name, content
        except tarfile.TarError as error:
            raise Unreadable("The backup is damaged: it holds no archive.") from error
        # The archive ends before the stream does, and the end of the stream is what proves it whole.
        while opener.read(1 << 20):
            pass


def check(path: Path) -> dict[str, Any]:
    """
    Read a backup to its end, writing nothing, and return its manifest.

    :raises Unreadable: if a byte was changed or is missing, or the key is another one.
    :raises ManifestDiffers: if database or documents are not those of the manifest.
    """
    found = _Found()
    for name, content in members(path):
        found.take(name, content)
    manifest = found.manifest
    if manifest is None or manifest.get("format") != contents.FORMAT:
        raise ManifestDiffers("The backup has no manifest that this version reads.")
    try:
        _compare(manifest, found)
        contents.state_check(State.from_json(manifest))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ManifestDiffers(f"The manifest is none: {error}") from error
    return manifest


def _compare(manifest: dict[str, Any], found: "_Found") -> None:
    if manifest["database"] != found.database.content().as_json():
        raise ManifestDiffers("The database is not the one that the manifest names.")
    for name in sorted({*manifest["media"], *found.media}):
        if manifest["media"].get(name) != found.media.get(name):
            raise ManifestDiffers(f"The manifest does not name this document as it is: {name}")


class _Hashed:
    """Digest and length of what came so far."""

    def __init__(self) -> None:
        self._digest, self._size = hashlib.sha256(), 0

    def take(self, content: IO[bytes]) -> "_Hashed":
        while piece := content.read(1 << 20):
            self._digest.update(piece)
            self._size += len(piece)
        return self

    def content(self) -> Content:
        return Content(sha256=self._digest.hexdigest(), size=self._size)


class _Found:
    """What a backup was found to hold."""

    def __init__(self) -> None:
        self.database = _Hashed()
        self.media: dict[str, dict[str, Any]] = {}
        self.manifest: dict[str, Any] | None = None

    def take(self, name: str, content: IO[bytes]) -> None:
        if name == contents.MANIFEST:
            self.manifest = json.load(content)
        elif name.startswith(contents.DATABASE):
            self.database.take(content)
        elif name.startswith(contents.MEDIA):
            self.media[name.removeprefix(contents.MEDIA)] = _Hashed().take(content).content().as_json()
        else:
            raise ManifestDiffers(f"The backup holds a file of no known kind: {name}")
