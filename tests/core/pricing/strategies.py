"""Random small baskets and releases over every kind, mode and limit.

Everything is drawn as plain data and goes through the loaders: what contradicts itself is left out there.
"""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.strategies_goods import NOON_MS, Data, lines, some
from tests.core.pricing.strategies_meetings import rounding_together, with_an_optional_price
from tests.core.pricing.strategies_rules import promotions


@st.composite
def baskets(
    draw: st.DrawFn,
    *,
    units: int = 6,
    promotion_names: tuple[str, ...] = (),
    goods_names: tuple[str, ...] = (),
) -> PricingInput:
    data: Data = {
        "channel": "pos",
        "store": "S1",
        "instant_ms": NOON_MS,
        "utc_offset_minutes": 0,
        "lines": [],
        "shipping_minor": draw(st.sampled_from([0, 0, 1000])),
    }
    left = units
    for number in range(draw(st.integers(1, 4))):
        if left <= 0:
            break
        line = draw(lines(number, min(left, 3)))
        left -= 1 if line.get("weighed") else line["quantity_milli"] // 1000
        data["lines"].append(line)
    if goods_names or some(draw, 2):
        data["member"] = {"points_balance": draw(st.sampled_from([0, 5, 100])), "tier": "gold"}
    coupons = [{"coupon_id": "c1", "campaign": "k1"}]
    coupons += [{"coupon_id": "c2", "campaign": "k1", "uses": 2, "ends_ms": NOON_MS}]  # type: ignore[dict-item]
    coupons += [{"coupon_id": "c3", "campaign": "k2"}]
    data["coupons"] = draw(st.lists(st.sampled_from(coupons), max_size=3, unique_by=lambda c: c["coupon_id"]))
    counter = st.fixed_dictionaries(
        {"promotion_id": st.sampled_from([*promotion_names, "p9"]), "in_all": st.integers(0, 2)},
        optional={
            "member": st.integers(0, 2),
            "spent_minor": st.sampled_from([1, 98, 1400]),
            "left_minor": st.sampled_from([0, 99, 700]),
        },
    )
    data["usage"] = draw(st.lists(counter, max_size=2, unique_by=lambda u: u["promotion_id"]))
    if "member" in data:
        data["redeem"] = [
            {"kind": "money", "promotion_id": name, "points": draw(st.sampled_from([5, 10, 60]))}
            for name in promotion_names
            if some(draw, 2)
        ]
        data["redeem"] += draw(goods_for_points(data["lines"], goods_names))
    return load_basket(data)


@st.composite
def goods_for_points(draw: st.DrawFn, found: list[Data], goods_names: tuple[str, ...]) -> list[Data]:
    """Units of one or two lines are asked for under rules for goods, which need not mean them."""
    able = [x for x in found if not (x.get("weighed") or x.get("gift") or x.get("stored_value"))]
    if not goods_names:
        return []
    return [
        {
            "kind": "goods",
            "promotion_id": draw(st.sampled_from(goods_names)),
            "line_id": line["line_id"],
            "units": draw(st.integers(1, line["quantity_milli"] // 1000)),
        }
        for line in able[:2]
    ]


@st.composite
def questions(
    draw: st.DrawFn,
    *,
    units: int = 6,
    rules: int = 6,
    goods: bool = False,
    reduced: bool = False,
    together: bool = False,
) -> tuple[PricingInput, PromotionSet]:
    """A basket and a release that is sound: contradictory sets are drawn again. `goods`: 积分换购 in each.

    `reduced`: a price that may be taken, and thresholds of which reduced goods are no part, in each.
    `together`: a percentage of single units that rounds the sum, with a floor.
    """
    count = draw(st.integers(1 + reduced, rules))
    names = [f"p{n}" for n in range(count)]
    found = [draw(promotions(n, [x for x in names if x != f"p{n}"])) for n in range(count)]
    if reduced:
        with_an_optional_price(draw, found)
    if together:
        rounding_together(draw, found[0])
    if goods:
        # It needs a rule, a member, points and a request at once: chance does not bring them together.
        found[-1] = {
            "id": names[-1],
            "name": "p",
            "phase": "points",
            "stack": {"mode": "stack"},
            "benefit": {
                "kind": "points_goods",
                "points_each": draw(st.sampled_from([1, 4, 40])),
                "price_minor": draw(st.sampled_from([0, 40, 2000])),
            },
        }
    try:
        release = load_promotions({"format": 1, "promotions": found})
    except InvalidPromotions:
        # A list in which one side does not admit the other is refused at loading: take the lists away.
        for p in found:
            p["stack"].pop("combines_with", None)
        try:
            release = load_promotions({"format": 1, "promotions": found})
        except InvalidPromotions:
            assume(False)
            raise
    for_points = tuple(p["id"] for p in found if p["benefit"]["kind"] == "points_goods")
    return draw(baskets(units=units, promotion_names=tuple(names), goods_names=for_points)), release
