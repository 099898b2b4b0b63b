"""Everything works before `go_live`; it only starts what works in the background."""

from __future__ import annotations

import inspect
from pathlib import Path

from pos_client.ui import app, offscreen
from tests.client.services.shop import COLA
from tests.client.services.test_pricing import PromotionShop


def test_a_sale_before_going_live_has_its_promotions(tmp_path: Path) -> None:
    shop = PromotionShop(tmp_path).ready()
    shop.workstation.ring_up.enter("2*" + COLA)
    assert shop.workstation.ring_up.basket().discount_minor == 175
    shop.workstation.close()


def test_going_live_compiles_the_promotions_in_the_background(tmp_path: Path) -> None:
    shop = PromotionShop(tmp_path).ready()
    sets = shop.workstation.ring_up._counter.rule_sets
    assert not sets.ready(1)
    shop.workstation.go_live()
    shop.workstation.close()  # waits for what was begun
    assert sets.ready(1)


def test_both_front_ends_with_a_window_go_live() -> None:
    assert "go_live" in inspect.getsource(app.run_window)
    assert "go_live" in inspect.getsource(offscreen.run_offscreen)
