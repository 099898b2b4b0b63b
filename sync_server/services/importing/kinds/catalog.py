"""Departments, tax classes, items, GTINs and PLUs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.catalog.gtin import BadCheckDigit, NotABarcode, normalise_gtin
from sync_server.services.importing.cells import (
    amount_cell,
    choice_cell,
    code_cell,
    flag_cell,
    integer_cell,
    list_cell,
    quantity_cell,
    rate_cell,
    refuse_scientific,
    text_cell,
)
from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import (
    Fault,
    FeedKind,
    FileState,
    Plan,
    missing,
)
from sync_server.services.importing.problems import CellError
from sync_server.services.pinyin import pinyin_of
from sync_server.store import masters
from sync_server.store.engine import Txn

SALES_RANK_LAST = 1_000_000

SALE_KINDS = {
    "piece": "piece",
    "计件": "piece",
    "件": "piece",
    "weighed": "weighed",
    "称重": "weighed",
    "散称": "weighed",
    "open_price": "open_price",
    "开放价": "open_price",
    "手工定价": "open_price",
}


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _text(text: str, _: ChainView) -> str:
    return text_cell(text)


def _flag(text: str, _: ChainView) -> int:
    return flag_cell(text)


def _amount(text: str, chain: ChainView) -> int:
    return amount_cell(text, chain.exponent)


def _gtin(text: str, _: ChainView) -> str:
    refuse_scientific(text)
    try:
        return normalise_gtin(text)
    except BadCheckDigit as error:
        raise CellError("bad_check_digit", error.message) from None
    except NotABarcode as error:
        raise CellError("not_a_barcode", error.message) from None


def _plu(text: str, _: ChainView) -> str:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6):
        raise CellError("bad_code", "a PLU is 1 to 6 digits")
    return text


SKU = Field("sku", ("商品编码", "货号", "商品编号"), _code, required=True)
DELETE = Field("delete", ("删除",), _flag, default=0)


class Departments(FeedKind):
    """The tree of departments; a parent may stand below its child in the file."""

    name = "departments"
    feed_kind = "department"
    fields = (
        Field("department_code", ("部门编码", "品类编码", "分类编码"), _code, required=True),
        Field("parent_code", ("上级编码", "上级部门", "上级分类"), _code),
        Field("name", ("名称", "部门名称", "分类名称"), _text, required=True),
        Field("name_en", ("英文名称", "英文名"), _text, default=""),
    )

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        for row in rows:
            code, parent = row.values["department_code"], row.values.get("parent_code")
            state.parents[code] = parent if "parent_code" in row.values else chain.departments.get(code)
            if parent is not None and parent not in chain.departments:
                state.deferred.append((row.line, "parent_code", parent))
        return
        yield

    def known_keys(self, txn: Txn, keys: Iterable[str]) -> set[str]:
        wanted = set(keys)
        return wanted - missing(txn, self.feed_kind, wanted)


class TaxClasses(FeedKind):
    """Tax classes with their rate."""

    name = "tax-classes"
    feed_kind = "tax_class"
    fields = (
        Field("tax_class_code", ("税类编码", "税率编码", "税类"), _code, required=True),
        Field("name", ("名称", "税类名称"), _text, required=True),
        Field("rate_ppm", ("税率", "rate"), lambda text, _: rate_cell(text), required=True),
    )


class Items(FeedKind):
    """Items. Cost goes to head office's own table; the floor price travels to workstations."""

    name = "items"
    feed_kind = "item"
    fields = (
        SKU,
        Field("name", ("品名", "商品名称", "名称"), _text, required=True),
        Field("name_en", ("英文名称", "英文名"), _text, default=""),
        Field("receipt_name", ("小票名称", "简称"), _text),
        Field("brand", ("品牌",), _text),
        Field("department_code", ("部门编码", "品类编码", "分类编码", "department"), _code),
        Field("tax_class_code", ("税类编码", "税类", "tax_class"), _code, required=True),
        Field(
            "sale_kind",
            ("销售方式", "计价方式"),
            lambda text, _: choice_cell(text, SALE_KINDS),
            default="piece",
        ),
        Field("unit", ("单位", "销售单位"), _text, default="件"),
        Field("cost", ("成本", "成本价", "进价"), _amount),
        Field("floor_minor", ("最低售价", "底价", "floor_price"), _amount),
        Field("age_minimum", ("最低年龄", "年龄限制"), lambda text, _: integer_cell(text, low=1, high=99)),
        Field("deposit_sku", ("押金商品", "押金编码"), _code),
        Field("tags", ("标签",), lambda text, _: list_cell(text), default=()),
        Field(
            "sales_rank",
            ("销售排名", "排名"),
            lambda text, _: integer_cell(text, low=1),
            default=SALES_RANK_LAST,
        ),
        Field("active", ("在售", "是否在售"), _flag, default=1),
    )

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        deposits = {sku for row in rows if (sku := row.values.get("deposit_sku")) is not None}
        unknown = missing(txn, "item", deposits)
        for row in rows:
            values = row.values
            department = values.get("department_code")
            if department is not None and department not in chain.departments:
                yield row, "department_code", "unknown_reference", f"no department {department}"
            if values["tax_class_code"] not in chain.tax_classes:
                yield row, "tax_class_code", "unknown_reference", f"no tax class {values['tax_class_code']}"
            if values.get("deposit_sku") in unknown:
                state.deferred.append((row.line, "deposit_sku", values["deposit_sku"]))

    def known_keys(self, txn: Txn, keys: Iterable[str]) -> set[str]:
        wanted = set(keys)
        return wanted - missing(txn, "item", wanted)

    def row_of(self, values: Values, known: Values, chain: ChainView) -> Values:
        made = dict(values)
        made["receipt_name"] = values["receipt_name"] or values["name"]
        if known and "receipt_name" in known and known["receipt_name"] == known["name"]:
            # It was only a copy of the name, so it follows the name.
            given = values["receipt_name"]
            made["receipt_name"] = values["name"] if given in {None, known["name"]} else given
        tags = values["tags"]
        made["tags"] = tags if isinstance(tags, str) else canonical_bytes(list(tags)).decode()
        if known.get("name") == made["name"]:
            made["pinyin"], made["pinyin_initials"] = known["pinyin"], known["pinyin_initials"]
        else:
            made["pinyin"], made["pinyin_initials"] = pinyin_of(made["name"])
        return made

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        plans = super().plan(office, txn, rows, chain)
        known = masters.costs(txn, [row.values["sku"] for row in rows])
        for row, plan in zip(rows, plans, strict=True):
            cost_minor = row.values.get("cost")
            if cost_minor is not None and known.get(row.values["sku"]) != cost_minor:
                plan.masters.append((masters.put_costs, (row.values["sku"], cost_minor)))
                plan.outcome = "changed" if plan.outcome == "unchanged" else plan.outcome
        return plans


class _SkuReference(FeedKind):
    """A kind whose rows point at an item."""

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        unknown = missing(txn, "item", (row.values["sku"] for row in rows))
        for row in rows:
            if row.values["sku"] in unknown and not row.values.get("delete"):
                yield row, "sku", "unknown_reference", f"no item {row.values['sku']}"


class Gtins(_SkuReference):
    """Bar codes, kept with 14 digits; a case code says how many pieces it holds."""

    name = "gtins"
    feed_kind = "gtin"
    fields = (
        Field("gtin", ("条码", "条形码", "商品条码", "barcode", "ean"), _gtin, required=True),
        SKU,
        Field(
            "pack_quantity_milli",
            ("装箱数", "包装数量", "pack_quantity"),
            lambda text, _: quantity_cell(text),
            default=1000,
        ),
        DELETE,
    )


class Plus(_SkuReference):
    """PLUs typed by hand or printed by scales."""

    name = "plus"
    feed_kind = "plu"
    fields = (Field("plu", ("PLU码", "PLU号", "生鲜码"), _plu, required=True), SKU, DELETE)


__all__: list[Any] = ["Departments", "Gtins", "Items", "Plus", "TaxClasses"]
