"""Stores, people, tenders, policies and dated changes of the demo chain. People are roles and numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pos_core.catalog.in_store_code import DEFAULT_IN_STORE_CODES
from pos_core.money import format_minor
from sync_server.demo.catalog import STANDARD, TOP_UP, TRANSIT, DemoCatalog, Row

CHAIN_NAME = "潮汐生活超市"
ZONE = "Asia/Shanghai"
CONSOLE_USERS = (
    ("hq", "总部商品与营销", ("merchandiser", "marketer", "administrator", "auditor")),
    ("approver", "总部审批", ("approver",)),
)
MEMBERS = 200
MEMBER_PHONE_BASE = 12_000_000_000
"""Mainland mobile numbers begin with 13 to 19: nobody has one of these."""

TIERS = (("regular", "普通会员", "Regular"), ("silver", "银卡会员", "Silver"), ("gold", "金卡会员", "Gold"),
         ("black", "黑金会员", "Black"))  # fmt: skip

STORES: tuple[Row, ...] = (
    {
        "store_id": "S001",
        "name": "杭州湖畔店",
        "region": "east",
        "address": "杭州市 示例路 1 号",
        "latitude": "30.255000",
        "longitude": "120.164000",
        "price_list": STANDARD,
        "groups": "city;flagship",
    },
    {
        "store_id": "S002",
        "name": "南京城南店",
        "region": "east",
        "address": "南京市 示例路 2 号",
        "latitude": "32.022000",
        "longitude": "118.783000",
        "price_list": STANDARD,
        "groups": "city",
    },
    {
        "store_id": "S003",
        "name": "成都东站店",
        "region": "west",
        "address": "成都市 示例路 3 号",
        "latitude": "30.630000",
        "longitude": "104.141000",
        "price_list": TRANSIT,
        "groups": "transit",
    },
    {
        "store_id": "S004",
        "name": "西安雁南店",
        "region": "west",
        "address": "西安市 示例路 4 号",
        "latitude": "34.198000",
        "longitude": "108.954000",
        "price_list": STANDARD,
        "groups": "city",
    },
)

TAX_CLASSES: tuple[Row, ...] = (
    {"tax_class_code": "V13", "name": "增值税 13%", "rate": "13%"},
    {"tax_class_code": "V9", "name": "增值税 9%", "rate": "9%"},
    {"tax_class_code": "V0", "name": "不征税", "rate": "0%"},
)

PRICE_LISTS: tuple[Row, ...] = (
    {"price_list_id": STANDARD, "name": "标准价"},
    {"price_list_id": TRANSIT, "name": "交通枢纽价"},
)

TENDER_TYPES: tuple[Row, ...] = (
    {
        "tender_code": "cash",
        "kind": "cash",
        "name": "现金",
        "name_en": "Cash",
        "opens_drawer": "1",
        "gives_change": "1",
        "position": "1",
    },
    {
        "tender_code": "mobile",
        "kind": "mobile",
        "name": "移动支付",
        "name_en": "Mobile payment",
        "position": "2",
    },
    {"tender_code": "card", "kind": "card", "name": "银行卡", "name_en": "Bank card", "position": "3"},
    {
        "tender_code": "stored_value",
        "kind": "stored_value",
        "name": "储值",
        "name_en": "Stored value",
        "position": "4",
    },
    {"tender_code": "voucher", "kind": "voucher", "name": "购物券", "name_en": "Voucher", "position": "5"},
)

_ROLES = (("cashier", "收银员"), ("cashier", "收银员"), ("supervisor", "收银主管"), ("manager", "店长"))


def policies() -> dict[str, Any]:
    """Policy values by key."""
    return {
        "time_zone": ZONE,
        "member_scope": "region",
        "member_tiers": [{"code": code, "name": name, "name_en": name_en} for code, name, name_en in TIERS],
        "cash_rounding": {"to": "0.1", "mode": "down"},
        "in_store_codes": [dict(layout) for layout in DEFAULT_IN_STORE_CODES],
        "change_max_minor": 20_000,
        "simulated_devices": True,
        "tender_rules": {"voucher": {"over": "forfeit", "reference": "required"}},
        "stored_value": {
            "sku": TOP_UP,
            "least_minor": 1_000,
            "most_minor": 200_000,
            "balance_most_minor": 500_000,
            "bonus": [
                {"from_minor": 20_000, "bonus_minor": 1_000},
                {"from_minor": 50_000, "bonus_minor": 4_000},
            ],
        },
        "zero_price_allowed": False,
        "day_start_minutes": 240,
        "receipt_footer": "谢谢惠顾，七日内凭小票退换。\nThank you. Returns within 7 days with this receipt.",
    }


def employees() -> list[Row]:
    """Four a store: numbers 1001 …, PIN = the number and two more digits; a demo's only."""
    rows = []
    for place, store in enumerate(STORES, start=1):
        for position, (role, title) in enumerate(_ROLES, start=1):
            number = f"{place}{position:03d}"
            rows.append(
                {
                    "number": number,
                    "name": f"{title} {number}",
                    "role": role,
                    "pin": "123456" if number == "1001" else f"{number}{place}{position}",
                    "stores": store["store_id"],
                }
            )
    return rows


def members() -> list[Row]:
    """200 members in four tiers, fewer the higher."""
    rows = []
    for number in range(1, MEMBERS + 1):
        tier = 3 if number % 20 == 0 else 2 if number % 7 == 0 else 1 if number % 3 == 0 else 0
        month, day = 1 + number % 12, 1 + number % 28
        rows.append(
            {
                "member_id": f"M{number:06d}",
                "phone": str(MEMBER_PHONE_BASE + number * 37),
                "display_name": f"会员{number:04d}",
                "tier": TIERS[tier][0],
                "home_store_id": STORES[number % len(STORES)]["store_id"],
                "points": str(number * 53 % 4000),
                "birthday": f"{1960 + number % 45}-{month:02d}-{day:02d}",
                "consents": "sms;profiling" if number % 4 else "",
            }
        )
    return rows


def dated_prices(catalog: DemoCatalog, now_ms: int) -> list[Row]:
    """A special of this week, and a change that takes effect tomorrow at 08:00, offline or not."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(ZONE))
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday, tomorrow = today - timedelta(days=today.weekday()), today + timedelta(days=1, hours=8)
    skus = [row["sku"] for row in catalog.items if row["sku"].startswith("1") and row.get("active") != "0"]
    special = [
        {
            "price_list_id": STANDARD,
            "sku": sku,
            "price": format_minor(catalog.standard_fen[sku] * 85 // 100 // 10 * 10),
            "effective_from": monday.isoformat(),
            "effective_to": (monday + timedelta(days=7)).isoformat(),
        }
        for sku in skus[::60]
    ]
    change = [
        {
            "price_list_id": price_list_id,
            "sku": sku,
            "price": format_minor(catalog.standard_fen[sku] * 105 // 100 // 10 * 10),
            "effective_from": tomorrow.isoformat(),
            "effective_to": "",
        }
        for sku in skus[7::90]
        for price_list_id in (STANDARD, TRANSIT)
    ]
    return special + change
