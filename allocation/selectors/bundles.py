"""What a stored bundle says of itself."""

import hashlib
import io
import json
import zipfile

from allocation.models import AllocationRun, Bundle


def engine_source_sha256(run: AllocationRun) -> str:
    """
    Return one digest over the engine's source that a run's bundle encloses.

    It is the SHA-256 of what `sha256sum` prints for the bundle's Python files in order of name.

    :raises Bundle.DoesNotExist: if the run was not executed.
    """
    content = bytes(Bundle.objects.get(run=run, form=Bundle.Form.FULL).content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    lines = sorted((name, digest) for name, digest in manifest["sha256"].items() if name.endswith(".py"))
    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in lines).encode()).hexdigest()
