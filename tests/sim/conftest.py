from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.support import databases
from tests.sim.run import make_template, quiet_disks


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The chain that every run starts from."""
    with quiet_disks():
        yield make_template(tmp_path_factory.mktemp("sim") / "template")


@pytest.fixture(scope="package")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same with three workstations in one store, which hear each other."""
    with quiet_disks():
        yield make_template(tmp_path_factory.mktemp("sim-floor") / "template", floor=True)


@pytest.fixture(scope="package")
def template_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same with head office on PostgreSQL."""
    if "postgresql" not in databases.kinds():
        pytest.skip("this run is not for PostgreSQL, or none is here")
    with quiet_disks():
        yield _on_postgresql(tmp_path_factory.mktemp("sim-postgresql"))


@pytest.fixture(scope="package")
def floor_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Both."""
    if "postgresql" not in databases.kinds():
        pytest.skip("this run is not for PostgreSQL, or none is here")
    with quiet_disks():
        yield _on_postgresql(tmp_path_factory.mktemp("sim-floor-postgresql"), floor=True)


def _on_postgresql(folder: Path, *, floor: bool = False) -> Path:
    """The chain lives there from its founding on; chains that other tests found meanwhile do not."""
    with databases.using("postgresql"):
        return make_template(folder / "template", floor=floor)
