"""Random small baskets and rules over every kind, mode and limit, in a world of few goods so that they meet.

Everything is drawn as plain data and goes through the loaders: what contradicts itself is left out there.
"""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.rule import PromotionSet

Data = dict[str, Any]

NOON_MS = 1_748_865_600_000
"""2025-06-02 12:00 UTC, a Monday."""

SKUS = {
    "A": {"brand": "x", "departments": ["food"]},
    "B": {"brand": "x", "departments": ["food", "drink"]},
    "C": {"brand": "y", "departments": ["drink"], "tags": ["new"]},
    "D": {"departments": ["home"], "tags": ["new"]},
}
PRICES = st.sampled_from([1, 99, 100, 333, 500, 999, 1000, 1650, 2500])
RATES = st.sampled_from([1, 100_000, 125_000, 333_333, 500_000, 800_000, 1_000_000])
AMOUNTS = st.sampled_from([1, 50, 100, 299, 1000, 3000])


def some(draw: st.DrawFn, chance: int = 3) -> bool:
    """True once in `chance` times; shrinks to False."""
    return draw(st.integers(0, chance - 1)) == chance - 1


@st.composite
def selections(draw: st.DrawFn, *, phase: str = "price", wide: bool = True) -> Data:
    clause = draw(
        st.sampled_from(
            [
                None,
                {"skus": ["A"]},
                {"skus": ["B"]},
                {"skus": ["A", "B"]},
                {"skus": ["B", "C"]},
                {"brands": ["x"]},
                {"departments": ["drink"]},
                {"departments": ["food"]},
                {"tags": ["new"]},
            ][0 if wide else 1 :]
        )
    )
    data: Data = {} if clause is None else {"any_of": [clause]}
    if some(draw, 8):
        data["exclude"] = [{"skus": [draw(st.sampled_from("ABCD"))]}]
    if some(draw, 10):
        data["price_min_minor"] = draw(st.sampled_from([100, 334]))
    if some(draw, 10):
        data["price_max_minor"] = draw(st.sampled_from([999, 1000]))
    if some(draw, 8) and phase != "price":
        admitted = ["exclude_reduced"] + (["exclude_promoted"] if phase != "item" else [])
        data["sale_goods"] = draw(st.sampled_from(admitted))
    return data


@st.composite
def lines(draw: st.DrawFn, number: int, most: int) -> Data:
    sku = draw(st.sampled_from("ABCD"))
    data: Data = {"line_id": str(number), "sku": sku, **SKUS[sku], "list_price_minor": draw(PRICES)}
    if some(draw, 10):
        data |= {"weighed": True, "quantity_milli": draw(st.sampled_from([452, 1000, 2345]))}
    else:
        data["quantity_milli"] = 1000 * draw(st.integers(1, max(1, most)))
    if some(draw, 6):
        data["floor_minor"] = draw(st.sampled_from([1, 90, 400]))
    if some(draw, 6):
        data["prices"] = [
            {
                "kind": "flash",
                "price_minor": draw(PRICES),
                "source": draw(st.sampled_from(["flash-1", "flash-2"])),
                "optional": some(draw, 2),
            }
        ]
    special = draw(st.integers(0, 19))
    if special == 19:
        data["discountable"] = False
    elif special >= 17:
        data["gift"] = True
    elif special == 16:
        data["stored_value"] = True
    return data


@st.composite
def conditions(draw: st.DrawFn, phase: str) -> Data:
    data: Data = {}
    if some(draw, 3):
        data["select"] = draw(selections(phase=phase))
    what = draw(st.sampled_from(["units", "amount", "amount", "sku", "distinct"]))
    if what == "units":
        data["min_units"] = draw(st.integers(1, 3))
    elif what == "amount":
        data["min_amount_minor"] = draw(st.sampled_from([1, 500, 1000, 1999, 3000]))
        bases = ["list", "price", "phase"] + (["running"] if phase not in ("price", "item") else [])
        data["basis"] = draw(st.sampled_from(bases))
    elif what == "sku":
        data["min_units_of_one_sku"] = draw(st.integers(1, 2))
    else:
        data["min_distinct_skus"] = draw(st.integers(1, 2))
    return data


@st.composite
def ladders(draw: st.DrawFn, values: list[int], phase: str) -> Data:
    steps = draw(st.sampled_from([(1, 2), (1, 3), (2, 3)]))
    by_units = some(draw, 2)
    tiers = []
    for step, value in zip(steps, values, strict=True):
        tiers.append({("min_units" if by_units else "min_amount_minor"): step * (1 if by_units else 800)})
        tiers[-1]["value"] = value
    bases = ["list", "price", "phase"] + (["running"] if phase != "item" else [])
    data: Data = {"tiers": tiers}
    if not by_units:
        data["basis"] = draw(st.sampled_from(bases))
    if some(draw, 4):
        data["select"] = draw(selections(phase=phase))
    return data


@st.composite
def each_benefits(draw: st.DrawFn, phase: str) -> Data:
    kind = draw(st.sampled_from(["percent_each", "amount_each", "price_each", "amount_progressive"]))
    if phase == "price" and kind == "amount_progressive":
        kind = "price_each"
    if kind == "amount_progressive":
        data: Data = {"first_minor": draw(AMOUNTS), "additional_minor": draw(AMOUNTS)}
        if some(draw, 3):
            data["max_units"] = draw(st.integers(1, 3))
        return {"kind": kind, **data}
    field = {"percent_each": "rate_ppm", "amount_each": "amount_minor", "price_each": "price_minor"}[kind]
    value = {"percent_each": RATES, "amount_each": AMOUNTS, "price_each": st.sampled_from([0, 1, 90, 400])}[
        kind
    ]
    data = {"kind": kind}
    if some(draw, 4) and phase != "price":
        two = sorted([draw(value), draw(value)], reverse=kind == "price_each")
        data["ladder"] = draw(ladders(two, phase))
    else:
        data[field] = draw(value)
    if kind == "percent_each" and some(draw, 4):
        data["base"] = draw(st.sampled_from(["price", "list"]))
    if phase != "price":
        if some(draw, 3):
            data["max_units"] = draw(st.integers(1, 3))
            data["pick"] = draw(st.sampled_from(["best", "cheapest", "dearest"]))
        if some(draw, 6):
            data["max_units_of_one_sku"] = draw(st.integers(1, 2))
    return data


@st.composite
def group_benefits(draw: st.DrawFn) -> Data:
    kind = draw(
        st.sampled_from(
            "group_percent group_amount group_amount_each group_price nth_percent nth_price "
            "bundle_percent bundle_amount bundle_price buy_get buy_get".split()
        )
    )
    data: Data = {"kind": kind}
    if kind.startswith("bundle"):
        slots = st.fixed_dictionaries({"select": selections(wide=False)})
        data["slots"] = draw(st.lists(slots, min_size=1, max_size=2))
        if some(draw, 4):
            data["slots"][0]["units"] = 2
    elif kind != "buy_get":
        data["units"] = draw(st.integers(1, 3))
        if some(draw, 4):
            data["same_sku"] = True
    if kind == "buy_get":
        data["buy"] = [{"select": draw(selections()), "units": draw(st.integers(1, 2))}]
        data["get"] = {"select": draw(selections()), "units": draw(st.integers(1, 2))}
        data["reward"] = draw(
            st.sampled_from(
                [
                    {"kind": "percent", "rate_ppm": 1_000_000},
                    {"kind": "percent", "rate_ppm": 333_333},
                    {"kind": "amount", "amount_minor": 299},
                    {"kind": "price", "price_minor": 50},
                ]
            )
        )
        data |= {"partial": some(draw, 3), "pick": draw(st.sampled_from(["chosen", "cheapest"]))}
        data["same_sku"] = some(draw, 5)
    elif kind.endswith("percent"):
        data["rate_ppm"] = draw(RATES)
    elif kind.endswith("price"):
        data["price_minor"] = draw(st.sampled_from([0, 50, 1000, 1500]))
    else:
        data["amount_minor"] = draw(AMOUNTS)
    if kind.startswith("nth"):
        data["discounted"] = draw(st.integers(1, data["units"]))
        data["pick"] = draw(st.sampled_from(["cheapest", "dearest"]))
    return data


@st.composite
def basket_benefits(draw: st.DrawFn, phase: str) -> Data:
    kind = draw(st.sampled_from(["basket_percent", "basket_amount", "basket_amount", "basket_price", "gift"]))
    if kind == "basket_price":
        return {"kind": kind, "price_minor": draw(st.sampled_from([0, 420, 1500]))}
    if kind == "gift":
        return draw(gifts(phase))
    value = RATES if kind == "basket_percent" else AMOUNTS
    data: Data = {"kind": kind}
    if some(draw, 2):
        data["ladder"] = draw(ladders(sorted([draw(value), draw(value)]), phase))
    else:
        data["rate_ppm" if kind == "basket_percent" else "amount_minor"] = draw(value)
        if kind == "basket_amount" and some(draw, 3):
            data |= draw(st.sampled_from([{"every_minor": 700}, {"every_units": 2}]))
    if kind == "basket_percent" and some(draw, 4):
        data["base"] = draw(st.sampled_from(["price", "list"]))
    return data


@st.composite
def gifts(draw: st.DrawFn, phase: str) -> Data:
    data: Data = {"kind": "gift", "units": draw(st.integers(1, 2))}
    if some(draw, 3):
        data |= draw(st.sampled_from([{"per_units": 2}, {"per_amount_minor": 900}]))
    if some(draw, 3):
        data["gifts"] = draw(selections(phase=phase))
    return data


SHIPPING = st.sampled_from(
    [
        {"kind": "shipping_percent", "rate_ppm": 1_000_000},
        {"kind": "shipping_percent", "rate_ppm": 333_333},
        {"kind": "shipping_amount", "amount_minor": 300},
        {"kind": "shipping_max", "price_minor": 500},
    ]
)
POINTS = st.sampled_from(
    [
        {"kind": "points_earn", "points": 1, "per_amount_minor": 100},
        {"kind": "points_earn", "points": 3, "per_units": 2, "rounding": "half_up"},
        {"kind": "points_earn", "points": 7},
        {"kind": "points_multiply", "multiplier_ppm": 2_000_000},
        {"kind": "points_redeem", "points": 10, "amount_minor": 100, "max_share_ppm": 500_000},
    ]
)


@st.composite
def stackings(draw: st.DrawFn, phase: str, names: list[str]) -> Data:
    if phase in ("price", "points"):
        return {"mode": "stack", "optional": phase == "price" and some(draw, 3)}
    mode = draw(st.sampled_from(["one_per_unit", "stack", "one_per_unit", "best", "exclusive"]))
    data: Data = {"mode": mode, "group": draw(st.sampled_from(["g", "g", "h"]))}
    if mode == "exclusive" or some(draw, 6):
        data["extent"] = draw(st.sampled_from(["unit", "phase", "basket"]))
    if mode != "exclusive" and some(draw, 6):
        data["combines_with"] = draw(
            st.lists(
                st.sampled_from([*names, "phase:item", "phase:basket", "group:g"]), max_size=2, unique=True
            )
        )
    if some(draw, 4):
        data["layer"] = 1
    if some(draw, 3):
        data["priority"] = draw(st.integers(1, 2))
    if some(draw, 7):
        data["optional"] = False
    return data


@st.composite
def limits(draw: st.DrawFn) -> Data:
    data: Data = {"count_by": draw(st.sampled_from(["application", "unit", "basket"]))}
    for name in ("per_basket", "per_member", "per_member_day", "per_day", "in_all"):
        if some(draw, 5):
            data[name] = draw(st.integers(1, 3))
    if some(draw, 3):
        data |= {"budget_minor": draw(st.sampled_from([0, 99, 500, 1500])), "partial": some(draw, 2)}
    return data


def repeats(benefit: Data) -> bool:
    """Whether `repeat` means anything: groups, and what is given for every so much."""
    kind = benefit["kind"]
    grouped = kind.startswith(("group", "nth", "bundle")) or kind == "buy_get"
    every = ("every_minor", "every_units", "per_units", "per_amount_minor")
    return grouped or bool(benefit.get("per_threshold")) or any(benefit.get(name) for name in every)


@st.composite
def promotions(draw: st.DrawFn, number: int, names: list[str]) -> Data:  # noqa: PLR0912 - field by field
    phase = draw(st.sampled_from("item item item item basket basket coupon shipping price points".split()))
    data: Data = {"id": f"p{number}", "name": "p", "phase": phase}
    if phase == "shipping":
        data["benefit"] = draw(SHIPPING)
    elif phase == "points":
        data["benefit"] = draw(POINTS)
    elif phase == "item":
        data["benefit"] = draw(
            st.one_of(group_benefits(), group_benefits(), each_benefits(phase), gifts(phase))
        )
    elif phase == "price":
        data["benefit"] = draw(each_benefits(phase))
    else:
        data["benefit"] = draw(
            st.one_of(basket_benefits(phase), basket_benefits(phase), each_benefits(phase))
        )
    kind = data["benefit"]["kind"]
    if not kind.startswith("bundle") and kind not in ("buy_get", "points_redeem"):
        data["select"] = draw(selections(phase=phase))
    if some(draw, 3):
        data["conditions"] = [draw(conditions(phase))]
        if kind in ("percent_each", "amount_each", "price_each") and "max_units" in data["benefit"]:
            data["benefit"]["per_threshold"] = some(draw, 2)
    data["stack"] = draw(stackings(phase, names))
    if phase in ("price", "points"):
        return data
    if phase == "coupon" or some(draw, 8):
        data["coupon"] = {
            "campaign": draw(st.sampled_from(["k1", "k2"])),
            "consume": draw(st.sampled_from(["basket", "application"])),
        }
    if some(draw, 6):
        times = draw(st.integers(1, 2))
        data["repeat"] = times if repeats(data["benefit"]) else 1
    if some(draw, 8):
        data["cap_minor"] = draw(st.sampled_from([1, 99, 500]))
    if some(draw, 8):
        floor = draw(st.sampled_from([{"unit_min_minor": 200}, {"list_share_ppm": 700_000}]))
        if phase != "shipping" and kind != "gift":
            data["floor"] = floor
    if some(draw, 5):
        data["limits"] = draw(limits())
    if kind.startswith("nth") or kind == "buy_get":
        data["refund"] = {"spread": draw(st.sampled_from(["all_units", "benefiting"]))}
    if "percent" in kind and phase != "shipping":
        data["rounding"] = {
            "at": "application" if some(draw, 5) else "unit",
            "mode": draw(st.sampled_from(["half_up", "half_down", "half_even", "up", "down"])),
        }
    if some(draw, 12):
        data |= {"points_cost": 5, "points_cost_from_basket": some(draw, 2)}
    return data


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
        optional={"member": st.integers(0, 2), "spent_minor": st.sampled_from([1, 98, 1400])},
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
    draw: st.DrawFn, *, units: int = 6, rules: int = 6, goods: bool = False
) -> tuple[PricingInput, PromotionSet]:
    """A basket and a release that is sound: contradictory sets are drawn again. `goods`: 积分换购 in each."""
    count = draw(st.integers(1, rules))
    names = [f"p{n}" for n in range(count)]
    found = [draw(promotions(n, [x for x in names if x != f"p{n}"])) for n in range(count)]
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
