"""Makes the secrets that docker-compose.yml hands over, one file each: python3 -m tools.make_secrets FOLDER.

What is there is kept, and only what is missing is made, so that it can be called again after an upgrade.
"""

import base64
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

# Two roles of the database: one works with rows, the other owns the tables. Each has a file with its password
# and one with its address.
_ROLES = {"database": "kezek_app", "migrations_database": "kezek"}
_KEY_BYTES = 32


def make(folder: Path) -> list[str]:
    """
    Make what is missing and return the names of what was made.

    Nobody but the owner gets into the folder; the files themselves may be read by all, since a container sees
    only the file that it is given, and its user is another one.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = {
        "secret_key": secrets.token_urlsafe(50),
        # Ed25519 and AES: 32 random bytes.
        "manifest_key": base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode(),
        "backup_key": base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode(),
        "envelope_keys": secrets.token_urlsafe(_KEY_BYTES),
        "metrics_token": secrets.token_urlsafe(_KEY_BYTES),
    }
    for name, role in _ROLES.items():
        password = _password_of(folder, name) or secrets.token_urlsafe(_KEY_BYTES)
        wanted[f"{name}_password"] = password
        wanted[f"{name}_url"] = f"postgres://{role}:{password}@database:5432/kezek"
    made = [name for name in wanted if not (folder / name).exists()]
    for name in made:
        _write(folder / name, wanted[name])
    return made


def _password_of(folder: Path, name: str) -> str:
    """The password of a role, if it is there already, alone or within the address."""
    password, url = folder / f"{name}_password", folder / f"{name}_url"
    if password.exists():
        return password.read_text()
    return urlsplit(url.read_text()).password or "" if url.exists() else ""


def _write(path: Path, value: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
        file.write(value)


def main(arguments: list[str]) -> int:
    """Tell what was made, never what stands in it."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    made = make(folder)
    print(f"Made in {folder}: {', '.join(made)}" if made else f"Nothing is missing in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
