"""Rules that chance rarely brings together, made to meet in every example."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.core.pricing.strategies_benefits import each_benefits, ladders
from tests.core.pricing.strategies_goods import RATES, Data, some
from tests.core.pricing.strategies_rules import conditions


def with_an_optional_price(draw: st.DrawFn, found: list[Data]) -> None:
    """Chance does not bring an optional price and a threshold without reduced goods together."""
    price = draw(
        st.sampled_from(
            [{"kind": "amount_each", "amount_minor": 1}, {"kind": "price_each", "price_minor": 90}]
        )
    )
    stack = {"mode": "stack", "optional": True}
    found[0] = {"id": "p0", "name": "p", "phase": "price", "benefit": price, "stack": stack}
    unreduced = {
        **draw(st.sampled_from([{}, skus_of("A"), skus_of("A", "B")])),
        "sale_goods": "exclude_reduced",
    }
    benefit = draw(each_benefits("item"))
    found[1] = {"id": "p1", "name": "p", "phase": "item", "benefit": benefit}
    found[1]["stack"] = {"mode": "one_per_unit", "optional": some(draw, 2)}
    if "ladder" in benefit:
        benefit["ladder"]["select"] = unreduced
    else:
        found[1]["conditions"] = [{**draw(conditions("item")), "select": unreduced}]
        if benefit["kind"] != "amount_progressive" and "max_units" in benefit:
            benefit["per_threshold"] = some(draw, 2)


def skus_of(*skus: str) -> Data:
    """A selection of these SKUs."""
    return {"any_of": [{"skus": list(skus)}]}


def rounding_together(draw: st.DrawFn, p: Data) -> None:
    """Most units have no room, and a few cents of them all together are a cent."""
    rates = sorted([draw(RATES), draw(RATES)])
    p |= {"phase": "item", "benefit": {"kind": "percent_each", "ladder": draw(ladders(rates, "item"))}}
    p |= {"rounding": {"at": "application"}, "floor": {"list_share_ppm": draw(RATES)}}
    p["stack"] = {"mode": "one_per_unit", "optional": some(draw, 2)}
    p.setdefault("select", {})
    for name in ("refund", "repeat", "conditions"):
        p.pop(name, None)
