"""Purchase orders: a line a row; the store receives goods against them without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.stock.goods_receipt import parse_day
from sync_server.services.importing.cells import amount_cell, code_cell, flag_cell, quantity_cell, text_cell
from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import (
    Fault,
    FileState,
    ImportKind,
    Outcome,
    Plan,
    missing,
    outcome_of,
)
from sync_server.services.importing.problems import CellError
from sync_server.store import masters
from sync_server.store.engine import Txn

_KIND = "purchase_order"


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _text(text: str, _: ChainView) -> str:
    return text_cell(text)


def _day(text: str, _: ChainView) -> str:
    day = parse_day(text)
    if not day:
        raise CellError("bad_date", "not a day")
    return day


class Orders(ImportKind):
    """Rows of one order add up to it, over files too; the supplier and the day are the order's newest."""

    name = "orders"
    fields = (
        Field("order_id", ("订单编号", "采购单号", "order"), _code, required=True),
        Field("store_id", ("门店", "门店编码", "store"), _code, required=True),
        Field("supplier_id", ("供应商编码", "supplier"), _code, required=True),
        Field("supplier_name", ("供应商", "供应商名称"), _text, default=""),
        Field("expected_day", ("到货日期", "预计到货"), _day, default=""),
        Field("sku", ("商品编码", "货号"), _code, required=True),
        Field(
            "quantity_milli",
            ("数量", "订货数量", "quantity"),
            lambda text, _: quantity_cell(text),
            required=True,
        ),
        Field(
            "unit_cost_minor",
            ("进价", "单价", "unit_cost"),
            lambda text, chain: amount_cell(text, chain.exponent),
        ),
        Field("delete", ("删除",), lambda text, _: flag_cell(text), default=0),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return values["store_id"], values["order_id"], values["sku"]

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        unknown = missing(txn, "item", (row.values["sku"] for row in rows))
        for row in rows:
            if row.values["store_id"] not in chain.stores:
                yield row, "store_id", "unknown_reference", f"no store {row.values['store_id']}"
            if row.values["sku"] in unknown:
                yield row, "sku", "unknown_reference", f"no item {row.values['sku']}"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        orders = _known(txn, rows)
        plans = []
        for row in rows:
            place = (row.values["store_id"], row.values["order_id"])
            order = orders.get(place)
            changed, outcome = _with_line(order, row.values)
            plan = Plan(outcome)
            if outcome != "unchanged":
                orders[place] = changed
                scope = f"store:{place[0]}"
                if changed is None:
                    plan.deleted.append((_KIND, scope, [place[1]]))
                else:
                    plan.rows.append((_KIND, scope, [place[1], canonical_bytes(changed).decode()]))
            plans.append(plan)
        return plans


Order = dict[str, Any]


def _known(txn: Txn, rows: Sequence[ParsedRow]) -> dict[tuple[str, str], Order | None]:
    found: dict[tuple[str, str], Order | None] = {}
    for store_id in {row.values["store_id"] for row in rows}:
        wanted = {row.values["order_id"] for row in rows if row.values["store_id"] == store_id}
        keys = [[order_id] for order_id in sorted(wanted)]
        for order_id, row in masters.feed_rows_by_key(txn, _KIND, f"store:{store_id}", keys).items():
            found[store_id, order_id] = json.loads(row[1])
    return found


def _with_line(order: Order | None, values: Values) -> tuple[Order | None, Outcome]:
    """The order with this row; None once its last line was deleted."""
    lines = [] if order is None else [line for line in order["lines"] if line["sku"] != values["sku"]]
    before = len(lines) != len([] if order is None else order["lines"])
    if values.get("delete"):
        if not before:
            return order, "unchanged"
        return ({**order, "lines": lines} if lines and order is not None else None), "changed"
    known = order or {"state": "open"}
    line = {
        "sku": values["sku"],
        "ordered_milli": values["quantity_milli"],
        "unit_cost_minor": values.get("unit_cost_minor"),
    }
    old = [] if order is None else order["lines"]
    place = next((at for at, each in enumerate(old) if each["sku"] == values["sku"]), len(old))
    new = {
        **known,
        "supplier_id": values["supplier_id"],
        "supplier_name": values.get("supplier_name") or known.get("supplier_name", ""),
        "expected_day": values.get("expected_day") or known.get("expected_day", ""),
        "lines": [*old[:place], line, *old[place + 1 :]],
    }
    return new, outcome_of(None if order is None or not before else [order], [new])
