"""Import files of the chain that the data set describes: generated names and barcodes, stable between runs.

SKU = product id, so names and GTINs depend on the product alone, not on what else is imported.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from benchmarks.real_data.campaigns import PAST_CAMPAIGNS, REACH, campaign_rows, reach_rows
from benchmarks.real_data.dataset import ZONE, Slice, products
from pos_core.catalog.gtin import with_check_digit
from pos_core.money import format_minor

CHAIN_NAME = "Complete Journey"
CURRENCY = "USD"
PRICE_LIST = "PL-ALL"
TAX_CLASS = "T0"
OPERATOR, PIN = "1001", "135790"
PRICES_SINCE = "2016-12-01"
GTIN_PREFIX = "690"
REGIONS = 28
COST_PERCENT = 70

Row = dict[str, str]

_DEPARTMENT_NAMES = {
    "GROCERY": "杂货", "DRUG GM": "日用百货", "PRODUCE": "果蔬", "COSMETICS": "化妆品",
    "NUTRITION": "营养食品",
    "MEAT": "鲜肉", "MEAT-PCKGD": "包装肉", "DELI": "熟食", "PASTRY": "糕点", "FLORAL": "鲜花",
    "MISCELLANEOUS": "杂项", "SEAFOOD-PCKGD": "包装水产", "SPIRITS": "烈酒", "SEAFOOD": "水产",
    "GARDEN CENTER": "园艺", "RESTAURANT": "餐饮", "SALAD BAR": "沙拉吧", "COUPON": "优惠券",
    "TRAVEL & LEISURE": "旅行休闲", "FROZEN GROCERY": "冷冻食品", "FUEL": "燃油", "CHEF SHOPPE": "厨师铺",
    "PHOTO & VIDEO": "影像", "TOYS": "玩具",
}  # fmt: skip
_BRANDS = {"National": "全国品牌", "Private": "自有品牌"}


def write_chain(folder: Path, part: Slice, *, costs: bool = False) -> Iterator[tuple[str, Path]]:
    """(import kind, file) in the order of import. Products of the slice, or all for the whole year.

    `costs`: the data set has none; items get one that is assumed, so that margins can be worked out.
    """
    yield (
        "policies",
        _json(folder / "policies.json", {"time_zone": ZONE, "member_scope": "home_store"}),
    )
    yield (
        "tax-classes",
        _csv(folder, "tax-classes", [{"tax_class_code": TAX_CLASS, "name": "none", "rate": "0%"}]),
    )
    goods = _goods(part)
    departments = goods["department"].unique().sort().to_list()
    yield "departments", _csv(folder, "departments", (_department(name) for name in departments))
    assumed = assumed_costs(part) if costs else {}
    yield "items", _csv(folder, "items", (_item(row, assumed) for row in goods.iter_rows(named=True)))
    ids = goods["product_id"].to_list()
    yield "gtins", _csv(folder, "gtins", ({"gtin": gtin_of(i), "sku": str(i)} for i in ids))
    yield "price-lists", _csv(folder, "price-lists", [{"price_list_id": PRICE_LIST, "name": "all stores"}])
    stores = sorted(part.store_ids)
    yield "stores", _csv(folder, "stores", (_store(store_id) for store_id in stores))
    yield "prices", _csv(folder, "prices", _prices(part))
    yield "tender-types", _csv(folder, "tender-types", _TENDER_TYPES)
    yield "employees", _csv(folder, "employees", [_employee()])
    yield "members", _csv(folder, "members", _members(part))
    yield PAST_CAMPAIGNS, _csv(folder, PAST_CAMPAIGNS, campaign_rows())
    if reached := list(reach_rows(part)):
        yield REACH, _csv(folder, REACH, reached)


def store_code(store_id: int) -> str:
    """`406 -> S00406`."""
    return f"S{store_id:05d}"


def member_code(household_id: int) -> str:
    """`900 -> H0900`."""
    return f"H{household_id:04d}"


def gtin_of(product_id: int) -> str:
    """A valid EAN-13 under 690: the product id, which has at most eight digits, and one zero or more."""
    return with_check_digit(f"{GTIN_PREFIX}{product_id:09d}")


def department_code(name: str) -> str:
    """`MEAT-PCKGD -> MEAT-PCKGD`, other characters become a dot."""
    return "".join(char if char.isalnum() or char in "-_" else "." for char in name).strip(".") or "NONE"


def item_name(row: dict[str, object]) -> tuple[str, str]:
    """Chinese and English, unique by the product id at the end."""
    department = str(row["department"])
    words = [str(row[c]) for c in ("product_type", "package_size") if row[c]]
    chinese = "".join((_DEPARTMENT_NAMES.get(department, "其他"), _BRANDS.get(str(row["brand"]), "")))
    kind = " ".join(words) or department
    return f"{chinese} {kind} {row['product_id']}", f"{row['brand']} {kind} {row['product_id']}"


def assumed_costs(part: Slice) -> dict[int, int]:
    """Product → 70 % of the lower median of its unit prices, in whole cents; none for what has no price."""
    sold = part.lines.filter(pl.col("known") & (pl.col("quantity") > 0))
    middle = (pl.col("list_minor") // pl.col("quantity")).quantile(0.5, "lower").cast(pl.Int64)
    found = sold.group_by("product_id").agg(cost=middle * COST_PERCENT // 100)
    return {row[0]: row[1] for row in found.iter_rows()}


def _goods(part: Slice) -> pl.DataFrame:
    """Unknown products stay unknown: they are sold all the same, and HQ must take those sales."""
    if part.whole_catalog:
        return products()
    sold = part.lines.filter(pl.col("known"))["product_id"]
    return products().filter(pl.col("product_id").is_in(sold.unique().to_list()))


def _department(name: str) -> Row:
    return {
        "department_code": department_code(name),
        "name": _DEPARTMENT_NAMES.get(name, name),
        "name_en": name.title(),
    }


def _item(row: dict[str, object], costs: Mapping[int, int]) -> Row:
    name, name_en = item_name(row)
    cost = costs.get(int(str(row["product_id"])))
    return {
        "sku": str(row["product_id"]),
        "name": name,
        "name_en": name_en,
        "department_code": department_code(str(row["department"])),
        "tax_class_code": TAX_CLASS,
        "unit": "个",
        **({"cost": "" if cost is None else format_minor(cost)} if costs else {}),
    }


def _store(store_id: int) -> Row:
    """Real stores have no places in the data; these lie on a made-up grid over land."""
    return {
        "store_id": store_code(store_id),
        "name": f"Store {store_id}",
        "region": f"R{store_id % REGIONS:02d}",
        "latitude": f"{33 + store_id % 13}.{store_id % 1000:03d}",
        "longitude": f"-{78 + store_id // 13 % 17}.{store_id % 997:03d}",
        "time_zone": ZONE,
        "price_list": PRICE_LIST,
    }


_TENDER_TYPES: tuple[Row, ...] = (
    {"tender_code": "cash", "kind": "cash", "name": "现金", "name_en": "Cash", "gives_change": "1"},
    {"tender_code": "card", "kind": "card", "name": "银行卡", "name_en": "Card"},
)  # fmt: skip


def _employee() -> Row:
    return {"number": OPERATOR, "name": f"收银员 {OPERATOR}", "role": "manager", "pin": PIN, "stores": "*"}


def _prices(part: Slice) -> Iterator[Row]:
    """One list price a product: the median unit price of its sold lines, whole cents."""
    sold = part.lines.filter(pl.col("known") & (pl.col("quantity") > 0))
    unit = (pl.col("list_minor") // pl.col("quantity")).median().round().cast(pl.Int64)
    for product_id, price_minor in sold.group_by("product_id").agg(unit).sort("product_id").iter_rows():
        yield {
            "price_list": PRICE_LIST,
            "sku": str(product_id),
            "price": format_minor(price_minor),
            "effective_from": PRICES_SINCE,
        }


def _members(part: Slice) -> Iterator[Row]:
    """Households; home is the store they went to most. Phones are of a form that nobody has."""
    visits = part.lines.group_by("household_id", "store_id").agg(n=pl.col("basket_id").n_unique())
    homes = visits.sort("n", "store_id", descending=[True, False]).group_by("household_id").first()
    for household_id, store_id, _ in homes.sort("household_id").iter_rows():
        yield {
            "member_id": member_code(household_id),
            "phone": f"+1555{household_id:07d}",
            "tier": "regular",
            "home_store_id": store_code(store_id),
        }


def _csv(folder: Path, kind: str, rows: Iterable[Row]) -> Path:
    """Every row has the first row's columns or fewer."""
    path = folder / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row), restval="")
                writer.writeheader()
            writer.writerow(row)
    return path


def _json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path
