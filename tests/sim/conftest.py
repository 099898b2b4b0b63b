from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.run import make_template, quiet_disks


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The chain that every run starts from."""
    with quiet_disks():
        yield make_template(tmp_path_factory.mktemp("sim") / "template")
