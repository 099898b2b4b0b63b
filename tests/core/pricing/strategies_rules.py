"""Random promotions: a benefit with its phase, conditions, stacking and limits, as plain data."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.core.pricing.strategies_benefits import (
    POINTS,
    SHIPPING,
    basket_benefits,
    each_benefits,
    gifts,
    group_benefits,
)
from tests.core.pricing.strategies_goods import Data, selections, some


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
