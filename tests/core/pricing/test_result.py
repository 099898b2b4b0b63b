"""The result type: its shape survives JSON, its bytes are canonical, junk is refused."""

from __future__ import annotations

import copy

import pytest

from pos_core.canonical import is_canonical
from pos_core.pricing import result as r
from pos_core.pricing.codec import encode, encode_bytes
from pos_core.pricing.errors import InvalidResult
from pos_core.pricing.load import load_priced_basket

HALF_PRICE = r.PricedBasket(
    release_hash="0" * 64,
    exponent=2,
    instant_ms=0,
    classes=(
        r.UnitClassResult(
            sku="A", quantity_milli=1000, count=2, list_minor=1000, price_minor=1000, floor_minor=0
        ),
    ),
    outcomes=(
        r.UnitOutcome(
            unit_class=0,
            count=2,
            net_minor=750,
            shares=(r.UnitShare(application=0, role="member", amount_minor=250),),
        ),
    ),
    lines=(
        r.LineResult(
            line_id="1",
            units=(r.LineUnits(outcome=0, count=2),),
            list_minor=2000,
            price_minor=2000,
            discount_minor=500,
            net_minor=1500,
        ),
    ),
    applications=(r.Application(promotion_id="second-half", revision=1, phase="item", amount_minor=500),),
    shipping=r.ShippingResult(list_minor=0, net_minor=0),
    list_minor=2000,
    price_minor=2000,
    discount_minor=500,
    goods_net_minor=1500,
    payable_minor=1500,
    proof="exact",
    certificate=r.Certificate(
        scale=1, shares=(r.BoundShare(unit_class=0, share_scaled=250),), parts=(), upper_bound_minor=500
    ),
)


def test_a_result_survives_the_journey_through_json():
    data = encode_bytes(HALF_PRICE)
    assert is_canonical(data)
    assert load_priced_basket(data) == HALF_PRICE


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d.update(proof="surely"), "/proof"),
        (lambda d: d.update(release_hash="F" * 64), "/release_hash"),
        (lambda d: d["outcomes"][0].update(net_minor=-1), "/outcomes/0/net_minor"),
        (lambda d: d["outcomes"][0]["shares"][0].update(role="thief"), "/outcomes/0/shares/0/role"),
        (lambda d: d.pop("certificate"), "/certificate"),
    ],
)
def test_a_result_of_another_shape_is_refused(change, path):
    data = copy.deepcopy(encode(HALF_PRICE))
    change(data)
    with pytest.raises(InvalidResult) as refused:
        load_priced_basket(data)
    assert [p.path for p in refused.value.problems] == [path]
