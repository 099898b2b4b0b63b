from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.keys.key_store import FileKeyStore
from pos_client.replica.replica import Replica


@pytest.fixture
def keys(tmp_path: Path) -> FileKeyStore:
    return FileKeyStore(tmp_path / "keys")


@pytest.fixture
def replica(tmp_path: Path, keys: FileKeyStore) -> Iterator[Replica]:
    replica = Replica.open(tmp_path / "replica.db", keys, store_id="S001")
    yield replica
    replica.close()
