"""A past sale as the question that its workstation asked, and what a draft changes of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from pos_core.pricing.basket import PricingInput, PricingLine, RedeemGoods, RedeemMoney
from pos_core.pricing.codec import decode, hints_of
from pos_core.pricing.errors import InvalidBasket
from pos_core.pricing.units import basket_problems
from pos_core.quantity import PIECE_MILLI
from sync_server.services.console.goods_facts import goods_facts
from sync_server.services.console.tried_basket import offset_minutes
from sync_server.services.importing.context import ChainView
from sync_server.store.engine import Txn
from sync_server.store.replay import PastSale

Prices = Mapping[str, Mapping[str, int]]
"""Price list → SKU → drafted price."""


class LineNet(msgspec.Struct, frozen=True, gc=False):
    """What a line cost. `line_id`: of the question."""

    line_id: str
    net_minor: int


class Recorded(msgspec.Struct, frozen=True):
    """Of the answer that a sale's document keeps, what a replay reads; names and units as in the answer."""

    release_hash: str
    proof: str
    goods_net_minor: int
    payable_minor: int
    lines: tuple[LineNet, ...]
    gap_minor: int = 0


def _asked_type() -> type[msgspec.Struct]:
    """`PricingInput` as msgspec reads it: its union of dataclasses is none that it can tell apart."""
    hints: dict[str, Any] = {**hints_of(PricingInput), "redeem": tuple[dict[str, Any], ...]}
    defaults = {f.name: f.default for f in dataclasses.fields(PricingInput)}
    fields = [
        (name, hint) if defaults[name] is dataclasses.MISSING else (name, hint, defaults[name])
        for name, hint in hints.items()
    ]
    return msgspec.defstruct("Asked", fields, kw_only=True)


_ASKED = _asked_type()
_REDEEM: Any = RedeemMoney | RedeemGoods


class _Record(msgspec.Struct, frozen=True):
    input: _ASKED  # type: ignore[valid-type]
    result: Recorded


class _Body(msgspec.Struct, frozen=True):
    pricing: _Record | None = None


class _Document(msgspec.Struct, frozen=True):
    body: _Body


_READER = msgspec.json.Decoder(_Document)
"""Reads the question and a few figures of the answer; the rest of a document, most of it, is passed by."""


@dataclass(frozen=True, slots=True)
class PastBasket:
    """The question then, and the same goods with drafted prices: the same object when there are none.

    Attributes:
        recorded: what the sale's document keeps of its answer; None: it keeps none.
    """

    before: PricingInput
    after: PricingInput
    recorded: Recorded | None = None


def past_basket(txn: Txn, chain: ChainView, sale: PastSale, prices: Prices) -> PastBasket:
    """Raises what a damaged document raises: the caller counts it."""
    record = _READER.decode(sale.data).body.pricing
    if record is None:
        question, recorded = _from_lines(txn, chain, sale, msgspec.json.decode(sale.data)["body"]), None
    else:
        question, recorded = _asked(record.input), record.result
    mine = prices.get(str(chain.stores.get(sale.store_id, {}).get("price_list_id")), {}) if prices else {}
    lines = tuple([_with_price(line, mine) for line in question.lines]) if mine else question.lines
    if lines == question.lines:
        return PastBasket(question, question, recorded)
    return PastBasket(question, dataclasses.replace(question, lines=lines), recorded)


def _asked(read: Any) -> PricingInput:
    """A document that was let in has the shape of its schema; what contradicts itself is still refused."""
    fields = msgspec.structs.asdict(read)
    fields["redeem"] = tuple([decode(_REDEEM, each) for each in fields["redeem"]])
    question = PricingInput(**fields)
    problems = basket_problems(question)
    if problems:
        raise InvalidBasket(problems)
    return question


def _with_price(line: PricingLine, prices: Mapping[str, int]) -> PricingLine:
    price = prices.get(line.sku)
    if price is None or line.line_amount_minor is not None or line.stored_value:
        return line
    return dataclasses.replace(line, list_price_minor=price, floor_minor=min(line.floor_minor, price))


def _from_lines(txn: Txn, chain: ChainView, sale: PastSale, body: dict[str, Any]) -> PricingInput:
    """A sale without a pricing record: from its lines and what head office knows of the items today."""
    sold = [line for line in body["lines"] if line["quantity_milli"] > 0]
    facts = goods_facts(txn, [line["sku"] for line in sold], chain.departments)
    store = chain.stores[sale.store_id]
    lines = []
    for line in sold:
        item = facts.get(line["sku"])
        weighed = bool(line["quantity_milli"] % PIECE_MILLI) or bool(item and item.weighed)
        lines.append(
            PricingLine(
                line_id=str(line["line_no"]),
                sku=line["sku"],
                brand=item.brand if item else None,
                departments=item.departments if item else (),
                tags=item.tags if item else (),
                list_price_minor=line["unit_price_minor"],
                quantity_milli=line["quantity_milli"],
                weighed=weighed,
                gift=bool(item and item.gift),
                stored_value=bool(item and item.stored_value),
            )
        )
    return PricingInput(
        channel=body.get("channel") or "pos",
        store=sale.store_id,
        store_groups=tuple(json.loads(store["store_groups"] or "[]")),
        exponent=body["exponent"],
        instant_ms=body["instant_ms"],
        utc_offset_minutes=offset_minutes(str(store["time_zone"]), body["instant_ms"]),
        lines=tuple(lines),
    )
