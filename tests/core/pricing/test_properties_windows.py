"""Windows at their edges: one instant, both edge seconds inside, store time, weekly windows over midnight."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from tests.core.pricing.campaign import campaign

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (store time has no zone: the offset comes with the basket)


def _applies(window: dict[str, Any], local: datetime, millis: int, offset_minutes: int) -> bool:
    rule = {
        "id": "p",
        "name": "p",
        "phase": "item",
        "scope": {"window": window},
        "benefit": {"kind": "percent_each", "rate_ppm": 500_000},
        "stack": {"mode": "stack"},
    }
    seconds = int((local - EPOCH).total_seconds()) - offset_minutes * 60
    question = load_basket(
        {
            "channel": "pos",
            "store": "S1",
            "instant_ms": seconds * 1000 + millis,
            "utc_offset_minutes": offset_minutes,
            "lines": [{"line_id": "1", "sku": "A", "list_price_minor": 1000, "quantity_milli": 1000}],
        }
    )
    rules = compile_rules(load_promotions({"format": 1, "promotions": [rule]}))
    return price_basket(question, rules).payable_minor == 500


moments = st.datetimes(datetime(2024, 2, 28), datetime(2024, 3, 4)).map(lambda t: t.replace(microsecond=0))  # noqa: DTZ001
offsets = st.sampled_from([-720, -210, 0, 330, 480, 840])
nudges = st.sampled_from([-86_400, -1, 0, 1, 86_400])
days_of_week = st.lists(st.integers(1, 7), min_size=1, max_size=3, unique=True)


@campaign(150)
@given(
    moments, st.integers(0, 90_000), st.sampled_from(["starts", "ends"]), nudges, st.integers(0, 999), offsets
)
def test_a_window_holds_its_edge_seconds(  # noqa: PLR0917 - drawn
    starts: datetime, length: int, edge: str, nudge: int, millis: int, offset: int
) -> None:
    ends = starts + timedelta(seconds=length)
    now = (starts if edge == "starts" else ends) + timedelta(seconds=nudge)
    window = {"starts": starts.isoformat(), "ends": ends.isoformat()}
    assert _applies(window, now, millis, offset) == (starts <= now <= ends)


@campaign(200)
@given(
    days_of_week,
    st.integers(0, 86_399),
    st.integers(0, 86_399),
    moments,
    st.sampled_from(["at", "s", "e"]),
    nudges,
)
def test_a_weekly_window_may_run_over_midnight(  # noqa: PLR0917 - drawn
    days: list[int], opens: int, closes: int, near: datetime, edge: str, nudge: int
) -> None:
    midnight = near.replace(hour=0, minute=0, second=0)
    second = {"at": near.hour * 3600 + near.minute * 60 + near.second, "s": opens, "e": closes}[edge]
    now = midnight + timedelta(seconds=second + nudge)
    text = [(EPOCH + timedelta(seconds=s)).time().isoformat() for s in (opens, closes)]
    window = {"weekly": [{"days": days, "starts": text[0], "ends": text[1]}]}
    # Written out: each day of the list opens one stretch of time, which may reach into the next day.
    length = closes - opens if opens <= closes else 86_400 + closes - opens
    begins = [now.replace(hour=0, minute=0, second=0) + timedelta(days=d, seconds=opens) for d in (-1, 0)]
    wanted = any(b.isoweekday() in days and b <= now <= b + timedelta(seconds=length) for b in begins)
    assert _applies(window, now, 0, 0) == wanted
