"""The command line with plain Python, nothing installed: what goes to which output, and with which code."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allocation import engine
from tests.unit.allocation.engine.rounds import as_bytes, dwelling, entry, people, round_document

ROOT = Path(__file__).resolve().parents[4]
EXAMPLES = ROOT / "tests" / "data" / "rounds"
NAMES = sorted(path.name.removesuffix(".input.json") for path in EXAMPLES.glob("*.input.json"))
MIXED = EXAMPLES / "08-mixed.input.json"
# No site packages, nothing of the environment, no folder of the user: what a bare machine has.
PLAIN_PYTHON = [sys.executable, "-S", "-E", "-s", "-B"]

Done = subprocess.CompletedProcess[bytes]


def run_engine(*arguments: str | Path) -> Done:
    command = [*PLAIN_PYTHON, "-m", "allocation.engine", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env={}, capture_output=True, check=False)


def assert_refused(done: Done, *, path: str) -> None:
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(path.encode())
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.endswith(b"\n")
    assert done.stderr.isascii()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "input.json"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("name", NAMES)
def test_run_prints_the_result_in_canonical_form_and_nothing_else(name: str) -> None:
    source = EXAMPLES / f"{name}.input.json"

    done = run_engine("run", source)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == engine.run(source.read_bytes())
    expected = json.loads((EXAMPLES / f"{name}.result.json").read_bytes())
    assert json.loads(done.stdout) | {"engine": ""} == expected | {"engine": ""}


@pytest.mark.parametrize("arguments", [[], ["-O"], ["-X", "int_max_str_digits=640"], ["-X", "utf8=0"]])
def test_settings_of_python_change_no_byte(arguments: list[str], write: Callable[[bytes], Path]) -> None:
    document = round_document([entry("Ә")], [dwelling("D1")])
    document["year_to_date"]["lists"] = {"4": {"owed": "7" * 4000 + "/9", "by_share": 0, "received": 0}}
    source = write(as_bytes(document))

    command = [*PLAIN_PYTHON, *arguments, "-m", "allocation.engine", "run", str(source)]
    done = subprocess.run(command, cwd=ROOT, env={"LC_ALL": "C"}, capture_output=True, check=True)

    assert done.stdout == engine.run(source.read_bytes())


def entries_of_all_kinds() -> dict[str, Any]:
    """Of one dwelling: somebody served, somebody whose dwelling was taken, somebody who fits none."""
    return round_document(
        [
            entry("E1"),
            entry("E2", members=people(9), registered_at="2011-01-02T09:00:00Z"),
            entry("E3", registered_at="2012-01-02T09:00:00Z"),
            entry("E4", eligibility="unknown", registered_at="2009-01-02T09:00:00Z"),
            entry("E5", registered_at="2013-01-02T09:00:00Z"),
        ],
        [dwelling("D1")],
    )


SERVED_ROW = (
    '{"dwelling":"D1","entry":"E1","file_no":"F-E1","level":"norm","list":"4","place":2,'
    '"reserve":["E3","E5"],"tier":0,"turn":1}'
)
TAKEN_ROW = (
    '{"code":"FITTING_DWELLINGS_TAKEN","entry":"E5","list":"4","place":5,"tier":0,'
    '"witness":{"dwellings":["D1"],"entries":["E1"],"name":"W1"}}'
)
# Two rooms are too large for one person, and not large enough for nine.
MISFIT = dwelling("D2", area="60", rooms=2)


@pytest.mark.parametrize(
    ("name", "more", "row"),
    [
        ("E1", [], SERVED_ROW),
        ("E4", [], '{"code":"CHECKS_INCOMPLETE","entry":"E4","list":"4","place":1,"tier":0}'),
        ("E2", [], '{"code":"NOT_REACHED","entry":"E2","list":"4","place":3}'),
        ("E2", [MISFIT], '{"code":"NO_DWELLING_FITS","entry":"E2","list":"4","place":3,"tier":0}'),
        ("E5", [MISFIT], TAKEN_ROW),
    ],
)
def test_explain_prints_the_row_of_an_entry(
    name: str, more: list[Any], row: str, write: Callable[[bytes], Path]
) -> None:
    document = entries_of_all_kinds()
    document["dwellings"] += more

    done = run_engine("explain", write(as_bytes(document)), name)

    assert (done.returncode, done.stderr, done.stdout.decode()) == (0, b"", f"{row}\n")


@pytest.mark.parametrize("name", ["E9", "", "e1", "E1 ", "F-E1"])
@pytest.mark.parametrize("more", [[], [MISFIT]])
def test_an_unknown_entry_is_refused(name: str, more: list[Any], write: Callable[[bytes], Path]) -> None:
    document = entries_of_all_kinds()
    document["dwellings"] += more

    assert_refused(run_engine("explain", write(as_bytes(document)), name), path="$.entries: ")


@pytest.mark.parametrize("command", ["run", "explain", "bundle"])
def test_an_input_that_breaks_the_contract_is_refused_with_its_path(
    command: str, write: Callable[[bytes], Path], tmp_path: Path
) -> None:
    document = entries_of_all_kinds()
    document["entries"][3]["income"] = 41000.5
    more = {"run": [], "explain": ["E1"], "bundle": [tmp_path / "bundle.zip"]}[command]

    done = run_engine(command, write(as_bytes(document)), *more)

    assert_refused(done, path="$.entries[3].income: expected a decimal as a string\n")
    assert not (tmp_path / "bundle.zip").exists()


@pytest.mark.parametrize("key", ["a\nb", "\u2028", "\ud800", "\x1b[31m", "Ә", '"', "x" * 3000], ids=range(7))
def test_a_refusal_is_one_line_of_ascii_whatever_the_key(key: str, write: Callable[[bytes], Path]) -> None:
    document = entries_of_all_kinds()
    document["policy"]["fit"][key] = 1

    done = run_engine("run", write(json.dumps(document).encode()))

    assert_refused(done, path="$.policy.fit.")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["walk", MIXED],
        ["--help"],
        ["run"],
        ["run", MIXED, MIXED],
        ["verify"],
        ["verify", MIXED, MIXED],
        ["explain", MIXED],
        ["bundle", MIXED],
        ["bundle", MIXED, "b.zip", "c.zip"],
        ["bundle", MIXED, "b.zip", "--trail-head"],
        ["bundle", MIXED, "b.zip", "--trail-head", ""],
        ["bundle", MIXED, "b.zip", "--trail-head", "ABC"],
        ["bundle", MIXED, "b.zip", "--trail-head", "abg"],
        ["bundle", MIXED, "b.zip", "--private"],
    ],
    ids=str,
)
def test_a_wrong_command_is_refused(arguments: list[str | Path]) -> None:
    assert_refused(run_engine(*arguments), path="expected")


@pytest.mark.parametrize("source", ["no-such-file.json", "tests"])
def test_a_file_that_cannot_be_read_is_refused(source: str) -> None:
    assert_refused(run_engine("run", source), path="$: the input cannot be read: ")


def test_a_bundle_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "none" / "b.zip", tmp_path / "folder"):
        assert_refused(run_engine("bundle", MIXED, target), path="the bundle cannot be written: ")

    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


@pytest.mark.parametrize("output", [">/dev/full", ">&-"])
def test_an_answer_that_cannot_be_written_is_no_success(output: str) -> None:
    line = f'exec "$@" {output}'
    command = ["/bin/sh", "-c", line, "sh", *PLAIN_PYTHON, "-m", "allocation.engine", "run", str(MIXED)]

    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, check=False)

    assert_refused(done, path="the answer cannot be written: ")
