"""
The order of the tests: chance (pytest-randomly), but what takes long begins first.

So no process of the tests waits at the end for another that has just begun with a long file. A file is given
to one process as a whole (--dist=loadfile), in the order in which files come.
"""

from collections import Counter

import pytest

# Few tests in each, or one, that take minutes; of all others those with most tests begin.
_LONGEST = (
    "tests/functional/test_endurance.py",
    "tests/unit/test_rights_matrix.py",
    "tests/functional/test_faults.py",
    "tests/functional/test_many_hosts.py",
    "tests/functional/test_load.py",
    "tests/functional/test_trail_writers.py",
)
_RANKS = {path: rank for rank, path in enumerate(_LONGEST)}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by file alone: the tests of a file stay as chance put them."""
    sizes = Counter(_file(item) for item in items)
    items.sort(key=lambda item: (_RANKS.get(_file(item), len(_RANKS)), -sizes[_file(item)]))


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
