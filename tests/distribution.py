"""Which test process runs which tests: whole files, so that what the tests of a file share is made once.

The long ones go first, or one process would wait for the other at the end.
"""

from collections import Counter
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # has no types

# Hit the same installation, which takes longer to build than most of what hits it.
_WORLD: Final = ("tests/e2e/test_faults.py", "tests/e2e/test_kills.py", "tests/e2e/test_three_places.py")
# A test of these takes as long as a hundred others.
_LONG: Final = ("tests/e2e/", "tests/clients/", "tests/test_benches.py")


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # the same
    def _split_scope(self, nodeid: str) -> str:
        return _unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False  # by the number of tests alone
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        sizes = Counter(_unit(item.nodeid) for item in items)
        items.sort(key=lambda item: (not item.nodeid.startswith(_LONG), -sizes[_unit(item.nodeid)]))


def _unit(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    return _WORLD[0] if path in _WORLD else path
