"""What a stored bundle says of itself."""

import hashlib
import io
import json
import zipfile
from typing import Any

from allocation.models import AllocationRun, Bundle


def engine_source_sha256(run: AllocationRun) -> str:
    """
    Return one digest over the engine's source that a run's bundle encloses.

    It is the SHA-256 of what `sha256sum` prints for the bundle's Python files in order of name.

    :raises Bundle.DoesNotExist: if the run was not executed.
    """
    manifest = _member(run, Bundle.Form.FULL, "manifest.json")
    lines = sorted((name, digest) for name, digest in manifest["sha256"].items() if name.endswith(".py"))
    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in lines).encode()).hexdigest()


def public_result(run: AllocationRun) -> dict[str, Any]:
    """
    Return the result document of a run's public form: ranks in place of file numbers, so that the reason why
    somebody was passed over is told of nobody by number.

    :raises Bundle.DoesNotExist: if the run was not executed.
    """
    return _member(run, Bundle.Form.PUBLIC, "result.json")


def _member(run: AllocationRun, form: Bundle.Form, name: str) -> dict[str, Any]:
    content = bytes(Bundle.objects.get(run=run, form=form).content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        document: dict[str, Any] = json.loads(archive.read(name))
    return document
