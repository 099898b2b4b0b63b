from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.support import databases
from tests.server.support.office import Chain, running_chain

_NONE = "none"
ON_EVERY_DATABASE = ("store", "services", "http", "jobs", "console")
"""Folders whose tests run on each of `TIDEMARK_TEST_DATABASES`, unless they are about one of them."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = metafunc.definition.path.parent.name
    if "database" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("database")
        every = databases.kinds() if folder in ON_EVERY_DATABASE else ["sqlite"]
        kinds = [kind for kind in every if only is None or kind in only.args]
        metafunc.parametrize("database", kinds or [_NONE], indirect=True, scope="module")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out tests about a database that was not asked for; they are not skipped, they are elsewhere."""
    elsewhere = [item for item in items if _database_of(item) == _NONE]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if _database_of(item) != _NONE]


def _database_of(item: pytest.Item) -> object:
    return item.callspec.params.get("database") if hasattr(item, "callspec") else None


@pytest.fixture(scope="module", autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database that chains of this test live on."""
    with databases.using(request.param):
        yield request.param


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path / "chain") as found:
        yield found
