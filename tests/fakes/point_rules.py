"""The rules of points that most chains have: so many earned for money spent, and money for so many."""

from __future__ import annotations

from typing import Any

EARN: dict[str, Any] = {
    "id": "EARN",
    "name": "消费积分",
    "phase": "points",
    "benefit": {"kind": "points_earn", "points": 1, "per_amount_minor": 100},
    "stack": "one_promotion_per_item",
}


def redeem(step: int) -> dict[str, Any]:
    """`step` points are as many minor units; fewer are none, and they may pay everything."""
    return {
        "id": "REDEEM",
        "name": "积分抵现",
        "phase": "points",
        "benefit": {
            "kind": "points_redeem",
            "points": step,
            "amount_minor": step,
            "min_points": step,
            "max_share_ppm": 1_000_000,
        },
        "stack": "one_promotion_per_item",
    }
