"""Random benefits of every kind, with their ladders."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.core.pricing.strategies_goods import AMOUNTS, RATES, Data, selections, some


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
        slots = st.fixed_dictionaries({"select": selections(phase="item", wide=False)})
        data["slots"] = draw(st.lists(slots, min_size=1, max_size=2))
        if some(draw, 4):
            data["slots"][0]["units"] = 2
    elif kind != "buy_get":
        data["units"] = draw(st.integers(1, 3))
        if some(draw, 4):
            data["same_sku"] = True
    if kind == "buy_get":
        data["buy"] = [{"select": draw(selections(phase="item")), "units": draw(st.integers(1, 2))}]
        data["get"] = {"select": draw(selections(phase="item")), "units": draw(st.integers(1, 2))}
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
