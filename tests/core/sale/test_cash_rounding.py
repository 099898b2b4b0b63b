"""抹零 as a policy."""

from __future__ import annotations

from typing import Any

import pytest

from pos_core.sale.cash_rounding import NO_CASH_ROUNDING, BadCashRounding, CashRounding, parse_cash_rounding


@pytest.mark.parametrize(
    ("policy", "exponent", "rule"),
    [
        (None, 2, NO_CASH_ROUNDING),
        ({"to": "none"}, 2, NO_CASH_ROUNDING),
        ({"to": "0.1", "mode": "down"}, 2, CashRounding(10, "down")),
        ({"to": "1", "mode": "half_up"}, 2, CashRounding(100, "half_up")),
        ({"to": "1"}, 0, CashRounding(1, "down")),
        ({"to": "0.05", "mode": "half_up"}, 2, CashRounding(5, "half_up")),
    ],
)
def test_a_policy_becomes_a_rule(policy: Any, exponent: int, rule: CashRounding) -> None:
    assert parse_cash_rounding(policy, exponent=exponent) == rule


@pytest.mark.parametrize(
    ("policy", "exponent"),
    [
        ([], 2),
        ({}, 2),
        ({"to": 1}, 2),
        ({"to": "0"}, 2),
        ({"to": "-1"}, 2),
        ({"to": "0.1"}, 0),
        ({"to": "x"}, 2),
        ({"to": "1", "mode": "up"}, 2),
    ],
)
def test_a_policy_that_names_no_step_or_mode_is_refused(policy: Any, exponent: int) -> None:
    with pytest.raises(BadCashRounding):
        parse_cash_rounding(policy, exponent=exponent)


@pytest.mark.parametrize(
    ("step", "mode", "due", "adjustment"),
    [
        (1, "down", 1234, 0),
        (10, "down", 1239, -9),
        (10, "half_up", 1234, -4),
        (10, "half_up", 1235, 5),
        (100, "down", 1299, -99),
        (100, "half_up", 1250, 50),
        (10, "down", 4, -4),
        (10, "down", 0, 0),
        (10, "down", -7, 0),
    ],
)
def test_what_rounding_adds(step: int, mode: Any, due: int, adjustment: int) -> None:
    assert CashRounding(step, mode).adjustment(due) == adjustment
