"""Import files of the reference chain: 300 stores in 28 regions, 100,000 items, 1.3 million members."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import reference_replica as reference

REGIONS = 28
PRICE_LIST = "PL1"
PRICES_SINCE = "2026-01-01"
Row = dict[str, object]


def store_code(number: int) -> str:
    """`S0000` and on."""
    return f"S{number:04d}"


def write_masters(folder: Path, *, stores: int, items: int, members: int) -> Iterator[tuple[str, Path]]:
    """(import kind, file) in the order of import."""
    policies = folder / "policies.json"
    policies.write_text('{"time_zone": "Asia/Shanghai", "member_scope": "home_store"}')
    yield "policies", policies
    yield "tax-classes", _csv(folder, "tax", [{"tax_class_code": "STD", "name": "标准", "rate": "13%"}])
    departments = ({"department_code": f"D{n:02d}", "name": f"部门{n}"} for n in range(40))
    yield "departments", _csv(folder, "departments", departments)
    yield "items", _csv(folder, "items", _items(items))
    gtins = ({"gtin": row[0], "sku": row[1]} for row in reference.gtins(items, items=items))
    yield "gtins", _csv(folder, "gtins", gtins)
    yield "price-lists", _csv(folder, "price-lists", [{"price_list_id": PRICE_LIST, "name": "统一价"}])
    yield "stores", _csv(folder, "stores", _stores(stores))
    yield "prices", _csv(folder, "prices", _prices(items))
    tender = {"tender_code": "cash", "kind": "cash", "name": "现金", "gives_change": "1", "position": 1}
    yield "tender-types", _csv(folder, "tenders", [tender])
    yield "employees", _csv(folder, "employees", [_employee()])
    yield "members", _csv(folder, "members", _members(members, stores))


def _items(count: int) -> Iterator[Row]:
    for row in reference.items(count):
        number = int(row[0][3:])
        yield {
            "sku": row[0],
            "name": row[1],
            "name_en": row[2],
            "receipt_name": row[3],
            "brand": row[4],
            "department_code": row[5],
            "tax_class": "STD",
            "cost": f"{(100 + number % 9900) * 7 // 1000 + 0.01:.2f}",
            "sales_rank": row[15],
        }


def _stores(count: int) -> Iterator[Row]:
    """Spread over a country, stores of a region near one another."""
    dice = random.Random(4)
    middles = [(dice.uniform(23, 42), dice.uniform(103, 121)) for _ in range(REGIONS)]
    for number in range(count):
        latitude, longitude = middles[number % REGIONS]
        yield {
            "store_id": store_code(number),
            "name": f"第{number + 1}店",
            "region": f"R{number % REGIONS:02d}",
            "latitude": f"{latitude + dice.uniform(-0.8, 0.8):.4f}",
            "longitude": f"{longitude + dice.uniform(-0.8, 0.8):.4f}",
            "time_zone": "Asia/Shanghai",
            "price_list_id": PRICE_LIST,
        }


def _prices(count: int) -> Iterator[Row]:
    for _, sku, _, _, price in reference.prices(count):
        yield {
            "price_list_id": PRICE_LIST,
            "sku": sku,
            "price": f"{price / 100:.2f}",
            "effective_from": PRICES_SINCE,
        }


def _employee() -> Row:
    return {
        "number": "1001",
        "employee_id": "E1001",
        "name": "收银员",
        "role": "cashier",
        "pin": "135790",
        "stores": store_code(0),
    }


def _members(count: int, stores: int) -> Iterator[Row]:
    for number, row in enumerate(reference.members(count)):
        yield {
            "member_id": row[0],
            "phone": str(13_000_000_000 + number),
            "name": "李梅",
            "display_name": row[3],
            "tier": ("regular", "silver", "gold")[number % 3],
            "home_store_id": store_code(number % stores),
            "points": number % 5000,
        }


def _csv(folder: Path, name: str, rows: Iterable[Row]) -> Path:
    path = folder / f"{name}.csv"
    rows = iter(rows)
    first = next(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)
    return path
