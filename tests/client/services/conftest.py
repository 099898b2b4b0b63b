from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.services.shop import Shop


@pytest.fixture
def closed_shop(tmp_path: Path) -> Iterator[Shop]:
    """Nobody signed on yet."""
    shop = Shop(tmp_path)
    yield shop
    shop.workstation.close()


@pytest.fixture
def shop(closed_shop: Shop) -> Shop:
    """Signed on, shift open."""
    return closed_shop.ready()
