"""What takes long begins first, and a file that moved is not forgotten."""

from types import SimpleNamespace

from tests import order
from tools.environment import ROOT


def test_every_file_that_is_named_is_there():
    assert [path for path in order._LONGEST if not (ROOT / path).exists()] == []


def test_long_files_come_first_then_those_with_most_tests_and_each_in_its_own_order():
    first, second = order._LONGEST[:2]
    came = ["a.py::1", "b.py::2", "b.py::1", f"{second}::1", "c.py::1", "c.py::3", "c.py::2", f"{first}::1"]
    items = [SimpleNamespace(nodeid=name) for name in came]

    order.pytest_collection_modifyitems(items)

    assert [item.nodeid for item in items] == [
        f"{first}::1",
        f"{second}::1",
        "c.py::1",
        "c.py::3",
        "c.py::2",
        "b.py::2",
        "b.py::1",
        "a.py::1",
    ]
