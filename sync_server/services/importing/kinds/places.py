"""Stores, price lists and dated prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pos_core.canonical import canonical_bytes
from pos_core.money import BadAmount, currency_exponent
from sync_server.services.importing.cells import (
    amount_cell,
    code_cell,
    degrees_e6_cell,
    instant_cell,
    list_cell,
    text_cell,
    zone_cell,
)
from sync_server.services.importing.context import DEFAULT_ZONE, ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import Fault, FeedKind, FileState, ImportKind, Plan, missing
from sync_server.services.importing.problems import CellError
from sync_server.store import masters
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _text(text: str, _: ChainView) -> str:
    return text_cell(text)


def _raw(text: str, _: ChainView) -> str:
    return text


def _currency(text: str, _: ChainView) -> str:
    try:
        currency_exponent(text)
    except BadAmount as error:
        raise CellError("bad_currency", error.message) from None
    return text


class PriceLists(FeedKind):
    """Price lists: one per group of stores that share prices."""

    name = "price-lists"
    feed_kind = "price_list"
    fields = (
        Field("price_list_id", ("价目表", "价目表编码", "价格表"), _code, required=True),
        Field("name", ("名称", "价目表名称"), _text, required=True),
        Field("currency", ("币种", "货币"), _currency),
    )

    def row_of(self, values: Values, known: Values, chain: ChainView) -> Values:
        return {**values, "currency": values["currency"] or chain.currency}


class Stores(FeedKind):
    """Stores with region, coordinates, price list and groups."""

    name = "stores"
    feed_kind = "store"
    fields = (
        Field("store_id", ("门店编码", "门店编号", "门店"), _code, required=True),
        Field("name", ("名称", "门店名称"), _text, required=True),
        Field("region", ("区域", "大区", "地区"), _code, required=True),
        Field("address", ("地址",), _text, default=""),
        Field("latitude_e6", ("纬度", "latitude"), lambda text, _: degrees_e6_cell(text, 90)),
        Field("longitude_e6", ("经度", "longitude"), lambda text, _: degrees_e6_cell(text, 180)),
        Field("time_zone", ("时区",), lambda text, _: zone_cell(text), default=DEFAULT_ZONE),
        Field("price_list_id", ("价目表", "价目表编码", "价格表", "price_list"), _code, required=True),
        Field("store_groups", ("门店组", "门店分组", "groups"), lambda text, _: list_cell(text), default=()),
    )

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        for row in rows:
            price_list_id = row.values["price_list_id"]
            if price_list_id not in chain.price_lists:
                yield row, "price_list_id", "unknown_reference", f"no price list {price_list_id}"

    def row_of(self, values: Values, known: Values, chain: ChainView) -> Values:
        groups = values["store_groups"]
        text = groups if isinstance(groups, str) else canonical_bytes(list(groups)).decode()
        return {**values, "store_groups": text}


class Prices(ImportKind):
    """Dated prices: drafts until the next release is published."""

    name = "prices"
    fields: tuple[Field, ...] = (
        Field("price_list_id", ("价目表", "价目表编码", "价格表", "price_list"), _code, required=True),
        Field("sku", ("商品编码", "货号", "商品编号"), _code, required=True),
        Field("price", ("售价", "价格", "零售价"), _raw, required=True),
        Field("effective_from", ("生效时间", "生效日期", "开始时间"), _raw, required=True),
        Field("effective_to", ("失效时间", "结束时间", "截止时间"), _raw),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return values["price_list_id"], values["sku"], str(values["effective_from"])

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        unknown = missing(txn, "item", (row.values["sku"] for row in rows))
        for row in rows:
            values = row.values
            if values["price_list_id"] not in chain.price_lists:
                yield row, "price_list_id", "unknown_reference", f"no price list {values['price_list_id']}"
                continue
            if values["sku"] in unknown:
                yield row, "sku", "unknown_reference", f"no item {values['sku']}"
            yield from understand(row, chain)

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        for row in rows:
            for _ in understand(row, chain):
                raise AssertionError("a rejected row reached the plan")
        known = masters.prices(txn, [(row.values["price_list_id"], row.values["sku"]) for row in rows])
        plans = []
        for row in rows:
            values = row.values
            new = PriceRow(
                values["price_list_id"],
                values["sku"],
                values["effective_from_ms"],
                values.get("effective_to_ms"),
                values["price_minor"],
            )
            old = known.get((new.price_list_id, new.sku, new.effective_from_ms))
            if old is not None and (old.effective_to_ms, old.price_minor) == (
                new.effective_to_ms,
                new.price_minor,
            ):
                plans.append(Plan("unchanged"))
            else:
                outcome = "created" if old is None else "changed"
                plans.append(Plan(outcome, masters=[(masters.put_prices, new)]))  # type: ignore[arg-type]
        return plans


def understand(row: ParsedRow, chain: ChainView) -> Iterator[Fault]:
    """Fills in what price and period mean, or says why not.

    They need the price list: its currency's decimals and its stores' time zone.
    """
    values = row.values
    price_list_id = values["price_list_id"]
    zone = chain.zone_of_price_list(price_list_id)
    try:
        values["price_minor"] = amount_cell(
            values["price"], currency_exponent(chain.price_lists[price_list_id])
        )
    except CellError as error:
        yield row, "price", error.code_of_row, error.message
    for name in ("effective_from", "effective_to"):
        if values.get(name):
            try:
                values[f"{name}_ms"] = instant_cell(values[name], zone)
            except CellError as error:
                yield row, name, error.code_of_row, error.message
    start, end = values.get("effective_from_ms"), values.get("effective_to_ms")
    if start is not None and end is not None and end <= start:
        yield row, "effective_to", "bad_period", "the end is not after the beginning"
