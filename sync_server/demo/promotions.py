"""A few promotions of the kinds that a shop in China runs every week, by the schema of `pos_core.pricing`."""

from __future__ import annotations

from typing import Any

Rule = dict[str, Any]


def demo_promotions() -> list[Rule]:
    """Always in force; no window, so that the demo shows them on any day."""
    return [
        {
            "id": "DEMO-SECOND-HALF",
            "name": "薯片第二件半价",
            "name_en": "Crisps: second at half price",
            "phase": "item",
            "select": {"any_of": [{"tags": ["crisps"]}]},
            "benefit": {"kind": "nth_percent", "units": 2, "discounted": 1, "rate_ppm": 500_000},
            "stack": "cheapest_for_customer",
        },
        {
            "id": "DEMO-TEA-3-FOR-10",
            "name": "茶饮任选 3 件 10 元",
            "name_en": "Any three tea drinks for 10.00",
            "phase": "item",
            "select": {"any_of": [{"tags": ["tea"]}], "price_max_minor": 600},
            "benefit": {"kind": "group_price", "units": 3, "price_minor": 1000},
            "stack": "one_promotion_per_item",
        },
        {
            "id": "DEMO-SODA-2-1",
            "name": "汽水买二送一",
            "name_en": "Soda: buy two, get one",
            "phase": "item",
            "select": {"any_of": [{"tags": ["soda"]}]},
            "benefit": {
                "kind": "nth_percent",
                "units": 3,
                "discounted": 1,
                "rate_ppm": 1_000_000,
                "same_sku": True,
            },
            "stack": "one_promotion_per_item",
        },
        {
            "id": "DEMO-LAUNDRY-10-OFF",
            "name": "洗护九折",
            "name_en": "Personal care: ten percent off",
            "phase": "item",
            "select": {"any_of": [{"departments": ["D70"]}]},
            "benefit": {"kind": "percent_each", "rate_ppm": 100_000},
            "stack": "one_promotion_per_item",
        },
        {
            "id": "DEMO-GOLD-95",
            "name": "金卡、黑金会员全场 95 折",
            "name_en": "Gold and black members: five percent off",
            "phase": "basket",
            "scope": {"member": {"tiers": ["gold", "black"]}},
            "select": {"exclude": [{"departments": ["D604", "D90"]}]},
            "benefit": {"kind": "basket_percent", "rate_ppm": 50_000},
            "stack": "cheapest_for_customer",
        },
        {
            "id": "DEMO-FULL-REDUCTION",
            "name": "满 100 减 10，满 200 减 25",
            "name_en": "10 off 100, 25 off 200",
            "phase": "basket",
            "select": {"exclude": [{"departments": ["D604", "D90"]}]},
            "benefit": {
                "kind": "basket_amount",
                "ladder": {
                    "tiers": [
                        {"min_amount_minor": 10_000, "value": 1_000},
                        {"min_amount_minor": 20_000, "value": 2_500},
                    ]
                },
            },
            "repeat": 1,
            "stack": "one_promotion_per_item",
        },
    ]
