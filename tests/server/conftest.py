from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.support.office import Chain, running_chain


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path / "chain") as found:
        yield found
