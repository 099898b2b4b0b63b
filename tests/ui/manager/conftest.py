"""A real window with a cashier, and one with a manager."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.client.services.shop import Shop
from tests.ui.real_till import RealTill


@pytest.fixture
def real_till(tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    """At the sign-on screen, in Chinese."""
    shop = Shop(tmp_path)
    made = RealTill(shop, "zh", qtbot)
    yield made
    made.close()
    shop.workstation.close()


@pytest.fixture
def cashier(real_till: RealTill) -> RealTill:
    """Shift open, a cashier signed on."""
    real_till.to_checkout("1001")
    return real_till


@pytest.fixture
def manager(real_till: RealTill) -> RealTill:
    """Shift open, a manager signed on."""
    real_till.to_checkout("2001")
    return real_till
