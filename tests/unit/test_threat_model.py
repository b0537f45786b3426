"""docs/threat-model.md promises nothing that no test looks at."""

import re

from tools.environment import ROOT

TEXT = (ROOT / "docs" / "threat-model.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
# What the project has to withstand, in the words of the page.
ATTACKS = (
    "CSRF",
    "clickjacking",
    "open redirect",
    "host header",
    "polyglot",
    "zip bomb",
    "path traversal",
    "formula injection",
    "XML bomb",
    "SSRF",
    "mass assignment",
    "IDOR",
    "session fixation",
    "TOTP replay",
)


def rows():
    """The lines of the tables of attacks: what, how stopped, which test."""
    for line in TEXT.split("## At the sign-in")[1].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] not in {"attack", "---"}:
            yield cells


def test_every_attack_is_in_a_line_with_how_it_is_stopped_and_its_test():
    table = list(rows())
    assert len(table) > 30
    assert [
        cells[0] for cells in table if len(cells) != 3 or not cells[1] or not NAMED.search(cells[2])
    ] == []
    said = " ".join(cells[0] for cells in table)
    assert [attack for attack in ATTACKS if attack not in said] == []


def test_every_test_that_is_named_is_there():
    missing = []
    for path, name in NAMED.findall(TEXT):
        file = ROOT / path
        text = file.read_text() if file.is_file() else ""
        if not re.search(rf"^def {name or 'test_'}", text, re.MULTILINE):
            missing.append(f"{path}::{name}")
    assert missing == []
    assert len(NAMED.findall(TEXT)) > 45
