from __future__ import annotations

import json

from pos_client.services.own_state import basket_bytes, kept_basket
from pos_core.sale.basket_json import basket_from_json, basket_to_json
from tests.client.services.shop import COLA, MILK, Shop


def test_the_fast_bytes_are_what_the_core_would_write(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    for text in (COLA, "2*" + MILK, "0.5*4011"):
        ring_up.enter(text)
    ring_up.void_line(2)
    shop.basket_is_kept()
    basket = kept_basket(shop.journal)
    assert basket is not None and len(basket.lines) == 2 and len(basket.voided) == 1
    assert json.loads(basket_bytes(basket)) == basket_to_json(basket)
    assert basket_from_json(json.loads(basket_bytes(basket))) == basket
