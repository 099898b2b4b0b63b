"""Suppliers, and where each item comes from: for every store, or for one that is supplied in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from sync_server.services.importing.cells import (
    amount_cell,
    choice_cell,
    code_cell,
    flag_cell,
    integer_cell,
    quantity_cell,
    text_cell,
)
from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import (
    Fault,
    FeedKind,
    FileState,
    ImportKind,
    Plan,
    missing,
    outcome_of,
)
from sync_server.store import demand
from sync_server.store.demand import SupplyRow
from sync_server.store.engine import Txn

_SOURCES = {"supplier": "supplier", "供应商": "supplier", "warehouse": "warehouse", "仓库": "warehouse"}
_LEAD = ("到货天数", "提前期", "lead")
_REVIEW = ("订货周期", "review")


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _days(text: str, _: ChainView) -> int:
    return integer_cell(text, high=365)


class Suppliers(FeedKind):
    """Who delivers: how long it takes, how often one orders, what an order must come to."""

    name = "suppliers"
    feed_kind = "supplier"
    fields = (
        Field("supplier_id", ("供应商编码", "supplier"), _code, required=True),
        Field("name", ("名称", "供应商", "供应商名称"), lambda text, _: text_cell(text), required=True),
        Field("lead_days", _LEAD, _days),
        Field("review_days", _REVIEW, _days),
        Field(
            "minimum_minor",
            ("起订金额", "minimum"),
            lambda text, chain: amount_cell(text, chain.exponent),
        ),
    )


class Supplies(ImportKind):
    """A row an item; a row with a store holds there instead of the one without; deleted, that one again."""

    name = "supplies"
    fields = (
        Field("sku", ("商品编码", "货号"), _code, required=True),
        Field("store_id", ("门店", "门店编码", "store"), _code, default=""),
        Field("source_kind", ("来源", "source"), lambda text, _: choice_cell(text, _SOURCES), required=True),
        Field("source_id", ("来源编码", "供应商编码", "仓库编码"), _code, required=True),
        Field("lead_days", _LEAD, _days),
        Field("review_days", _REVIEW, _days),
        Field("pack_milli", ("包装数", "pack"), lambda text, _: quantity_cell(text)),
        Field("minimum_milli", ("起订量", "minimum"), lambda text, _: quantity_cell(text)),
        Field(
            "unit_cost_minor",
            ("进价", "unit_cost"),
            lambda text, chain: amount_cell(text, chain.exponent),
        ),
        Field("delete", ("删除",), lambda text, _: flag_cell(text), default=0),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return values["sku"], values.get("store_id") or ""

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        items = missing(txn, "item", (row.values["sku"] for row in rows))
        named = {row.values["source_id"] for row in rows if row.values["source_kind"] == "supplier"}
        suppliers = missing(txn, "supplier", named)
        for row in rows:
            values = row.values
            store_id, source_id = values.get("store_id") or "", values["source_id"]
            if values["sku"] in items:
                yield row, "sku", "unknown_reference", f"no item {values['sku']}"
            if store_id and store_id not in chain.stores:
                yield row, "store_id", "unknown_reference", f"no store {store_id}"
            if values["source_kind"] == "supplier" and source_id in suppliers:
                yield row, "source_id", "unknown_reference", f"no supplier {source_id}"
            if values["source_kind"] == "warehouse" and source_id not in chain.stores:
                yield row, "source_id", "unknown_reference", f"no warehouse {source_id}"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        plans = []
        for row in rows:
            sku, store_id = self.key(row.values)
            known = demand.supply_of(txn, sku, store_id)
            if row.values.get("delete"):
                plans.append(_deleted(known))
                continue
            absent = dict.fromkeys(SupplyRow.__dataclass_fields__) if known is None else asdict(known)
            said = {name: value for name, value in row.values.items() if name in absent}
            fresh = SupplyRow(**{**absent, **said, "store_id": store_id})
            plan = Plan(outcome_of(None if known is None else [known], [fresh]))
            if plan.outcome != "unchanged":
                plan.masters.append((demand.put_supply, fresh))
            plans.append(plan)
        return plans


def _deleted(known: SupplyRow | None) -> Plan:
    if known is None:
        return Plan("unchanged")
    return Plan("changed", masters=[(demand.drop_supply, known)])
