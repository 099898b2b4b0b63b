"""One workstation's files for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.journal.journal import Journal
from tests.client.journal.helpers import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "workstation")


@pytest.fixture
def journal(home: Home) -> Iterator[Journal]:
    opened = home.open()
    yield opened
    opened.close()
