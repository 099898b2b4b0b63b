"""Items, barcodes, PLUs and prices of the demo chain, by rule from `words.py`: the same every time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pos_core.catalog.gtin import with_check_digit
from pos_core.money import format_minor
from sync_server.demo.words import EVERYWHERE, PRODUCE, PRODUCT_LINES, ProductLine, Size, Word

Row = dict[str, str]

STANDARD, TRANSIT = "PL-STD", "PL-TRANSIT"
TRANSIT_PERCENT = 115
"""Shops in stations and at airports charge so much of the standard price."""
FLOOR_PERCENT = 60
"""No discount goes below so much of the price: room for buy two, get one and for half-price seconds."""
PRICES_SINCE = "2024-01-01"
GTIN_PREFIX = "699"
"""A prefix of mainland China; the company numbers after it are counted up from 9001."""

BOTTLE_DEPOSIT, CARRIER_BAG, OPEN_PRICE, GIFT_WRAP, TOP_UP = "900001", "900002", "900003", "900004", "900005"


@dataclass(slots=True)
class DemoCatalog:
    """Rows of the import files, headings as keys."""

    items: list[Row] = field(default_factory=list)
    gtins: list[Row] = field(default_factory=list)
    plus: list[Row] = field(default_factory=list)
    prices: list[Row] = field(default_factory=list)
    standard_fen: dict[str, int] = field(default_factory=dict)
    """SKU → standard price."""


def demo_catalog() -> DemoCatalog:
    """More than 2,000 items of every kind that a till meets."""
    catalog = DemoCatalog()
    _services(catalog)
    for number, combination in enumerate(_combinations()):
        _packaged(catalog, number, combination)
    for number, produce in enumerate(PRODUCE):
        sku = f"2{number:05d}"
        _item(
            catalog,
            sku,
            (produce.name[0], produce.name[1].capitalize()),
            produce.price_fen,
            department_code=produce.department,
            tax_class_code="V9",
            sale_kind="weighed",
            unit="kg",
            tags="weighed",
        )
        catalog.plus.append({"plu": str(1001 + number), "sku": sku})
    _rank(catalog)
    return catalog


def _combinations() -> Iterator[Combination]:
    for line in PRODUCT_LINES:
        for brand in (*line.brands, *EVERYWHERE):
            for variant in line.variants:
                for size in line.sizes:
                    yield line, brand, variant, size


Combination = tuple[ProductLine, Word, Word, Size]


def _packaged(catalog: DemoCatalog, number: int, combination: Combination) -> None:
    line, brand, variant, size = combination
    sku = f"1{number:05d}"
    name = f"{brand[0]}{variant[0]}{line.product[0]}{size.name[0]}"
    name_en = " ".join(filter(None, (brand[1], variant[1], line.product[1], size.name[1])))
    price_fen = _retail(line.price_fen * size.price_percent * (90 + _dice(brand[0]) % 31) // 10_000)
    _item(
        catalog,
        sku,
        (name, name_en),
        price_fen,
        brand=brand[0],
        department_code=line.department,
        tax_class_code=line.tax_class,
        unit=size.unit,
        receipt_name=_receipt_name(brand, variant, line, size),
        age_minimum=str(line.age_minimum or ""),
        deposit_sku=BOTTLE_DEPOSIT if line.deposit else "",
        tags=";".join(line.tags),
        active="0" if _dice(name) % 97 == 0 else "1",
    )
    company = 9001 + _dice(brand[0]) % 900
    digits = f"{GTIN_PREFIX}{company:04d}{number:05d}"
    catalog.gtins.append({"gtin": with_check_digit(digits), "sku": sku, "pack_quantity": "1"})
    if line.case and size is line.sizes[0]:
        catalog.gtins.append(
            {"gtin": with_check_digit("1" + digits), "sku": sku, "pack_quantity": str(line.case)}
        )


def _services(catalog: DemoCatalog) -> None:
    for sku, name, price_fen, more in (
        (
            BOTTLE_DEPOSIT,
            ("玻璃瓶押金", "Glass bottle deposit"),
            100,
            {"tax_class_code": "V0", "tags": "deposit"},
        ),
        (
            TOP_UP,
            ("储值充值", "Stored value top-up"),
            None,
            {"tax_class_code": "V0", "sale_kind": "open_price", "tags": "stored_value"},
        ),
        (CARRIER_BAG, ("环保购物袋", "Carrier bag"), 50, {"unit": "只"}),
        (OPEN_PRICE, ("手工定价商品", "Open-price goods"), None, {"sale_kind": "open_price"}),
        (GIFT_WRAP, ("礼品包装", "Gift wrapping"), 800, {"unit": "次"}),
    ):
        values = {"department_code": "D90", "tax_class_code": "V13", **more}
        _item(catalog, sku, name, price_fen, **values)
    catalog.plus += [{"plu": "9", "sku": CARRIER_BAG}, {"plu": "99", "sku": OPEN_PRICE}]


def _item(catalog: DemoCatalog, sku: str, name: Word, price_fen: int | None, **values: str) -> None:
    row = {"sku": sku, "name": name[0], "name_en": name[1], **values}
    if price_fen is not None:
        row["cost"] = format_minor(price_fen * (62 + _dice(sku) % 16) // 100)
        row["floor_price"] = format_minor(price_fen * FLOOR_PERCENT // 100)
        catalog.standard_fen[sku] = price_fen
        for price_list_id, fen in (
            (STANDARD, price_fen),
            (TRANSIT, _retail(price_fen * TRANSIT_PERCENT // 100)),
        ):
            catalog.prices.append(
                {
                    "price_list_id": price_list_id,
                    "sku": sku,
                    "price": format_minor(fen),
                    "effective_from": PRICES_SINCE,
                    "effective_to": "",
                }
            )
    catalog.items.append(row)


def _receipt_name(brand: Word, variant: Word, line: ProductLine, size: Size) -> str:
    """Short enough for 58 mm paper: the brand goes first when it gets long."""
    full = f"{variant[0]}{line.product[0]}{size.name[0]}"
    return f"{brand[0]}{full}" if len(full) <= 10 else full


def _rank(catalog: DemoCatalog) -> None:
    order = sorted(catalog.items, key=lambda row: (_dice("rank" + row["sku"]), row["sku"]))
    for rank, row in enumerate(order, start=1):
        row["sales_rank"] = str(rank)


def _retail(fen: int) -> int:
    """Prices end in 0 jiao from 10 yuan on, else in 0 fen: what a shelf label shows."""
    step = 50 if fen >= 2000 else 10
    return max(step, (fen + step // 2) // step * step)


def _dice(text: str) -> int:
    """A number that looks random and is the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
