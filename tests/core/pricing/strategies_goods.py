"""The goods of the random world: few, so that rules meet on them; what a rule selects; lines of a basket."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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
